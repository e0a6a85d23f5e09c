/*
 * A driver, as docs/driver.md describes it, around a small session of its own, in C11 and POSIX only.
 *
 *     cc -O2 -o driver driver.c
 *     oizys certify --role driver -- ./driver
 *
 * The part "Sessions" is the library; the parts below it are what is around it. To certify your own library, replace
 * that part and what calls it: step() for the handlers, open_session(), release() and do_command(), and run_once().
 * Exit status: 0 at the end of its input, 1 when it cannot go on (a line that is no command, no memory, nobody who reads
 * its output).
 *
 * One thread, one poll(2) loop, sockets that never block.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    HEADER_LEN = 4,
    MAX_LEN = 0xFFFFFF, /* of a message's content */
    CHUNK = 256 * 1024, /* the least room that a read is given */
    SHOWN_LEN = 64,     /* content up to this length is shown in an event */
};

static _Noreturn void die(const char *why) {
    fprintf(stderr, "driver: %s\n", why);
    exit(1);
}

/* ---- A growing byte queue: data[start..end) is filled. It ends the program when memory has run out. */

struct buffer {
    unsigned char *data;
    size_t start, end, capacity;
};

static size_t buffer_len(const struct buffer *b) { return b->end - b->start; }

static void buffer_free(struct buffer *b) {
    free(b->data);
    *b = (struct buffer){0};
}

static void buffer_reserve(struct buffer *b, size_t more) {
    if (b->capacity - b->end >= more)
        return;
    size_t used = buffer_len(b);
    if (b->start >= used && b->start > 0) { /* mostly consumed: moving is cheaper than growing */
        memmove(b->data, b->data + b->start, used);
        b->start = 0;
        b->end = used;
        if (b->capacity - b->end >= more)
            return;
    }
    if (more > SIZE_MAX / 2 - b->capacity)
        die("out of memory");
    size_t capacity = b->capacity + b->capacity / 2;
    if (capacity < b->end + more)
        capacity = b->end + more;
    unsigned char *data = realloc(b->data, capacity);
    if (data == NULL)
        die("out of memory");
    b->data = data;
    b->capacity = capacity;
}

/* Reads once from a descriptor to the end of the buffer; what it returns is what read(2) returned. */
static ssize_t buffer_read(struct buffer *b, int fd) {
    buffer_reserve(b, CHUNK);
    ssize_t n = read(fd, b->data + b->end, b->capacity - b->end);
    if (n > 0)
        b->end += (size_t)n;
    return n;
}

/* ---- Sessions: the library. Functions that can refuse return NULL when done, or else a word for the error. */

/* Handlers return false when they fail, which is the session's to contain. The content is the session's, and good until
 * the handler returns. The error is NULL when the session was closed by its own side. */
typedef bool message_handler(void *context, const unsigned char *content, size_t len);
typedef bool close_handler(void *context, const char *error);

struct outgoing { /* one queued message, with its header */
    struct outgoing *next;
    size_t len, sent;
    unsigned char bytes[];
};

struct session {
    int fd; /* -1 when closed */
    struct buffer in;
    struct outgoing *first, **last;
    size_t queued;
    message_handler *on_message;
    close_handler *on_close;
    void *message_context, *close_context;
    bool reset; /* the peer is known to be gone: only what it sent before is still to be read */
};

static struct session *session_new(int fd) {
    struct session *s = calloc(1, sizeof *s);
    if (s == NULL)
        die("out of memory");
    s->fd = fd;
    s->last = &s->first;
    return s;
}

static void contain(bool succeeded) {
    if (!succeeded)
        fputs("driver: a handler failed\n", stderr);
}

static const char *session_send(struct session *s, const unsigned char *content, size_t len) {
    if (s->fd < 0)
        return "closed";
    if (len == 0)
        return "empty";
    if (len > MAX_LEN)
        return "too-long";
    struct outgoing *out = malloc(sizeof *out + HEADER_LEN + len);
    if (out == NULL)
        return "no-memory";
    out->next = NULL;
    out->len = HEADER_LEN + len;
    out->sent = 0;
    const unsigned char header[HEADER_LEN] = {0, (unsigned char)(len >> 16), (unsigned char)(len >> 8), (unsigned char)len};
    memcpy(out->bytes, header, HEADER_LEN);
    memcpy(out->bytes + HEADER_LEN, content, len);
    *s->last = out;
    s->last = &out->next;
    s->queued++;
    return NULL;
}

static void drop_first(struct session *s) {
    struct outgoing *out = s->first;
    s->first = out->next;
    if (s->first == NULL)
        s->last = &s->first;
    s->queued--;
    free(out);
}

/* Sends what the socket takes. Returns 0, or the errno of a connection that takes nothing any more. */
static int session_flush(struct session *s) {
    while (s->first != NULL) {
        struct outgoing *out = s->first;
        ssize_t n = write(s->fd, out->bytes + out->sent, out->len - out->sent);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : errno;
        out->sent += (size_t)n;
        if (out->sent == out->len)
            drop_first(s);
    }
    return 0;
}

/* Closes the session, once: of what is queued, what the socket has room for is still sent. Received bytes stay until
 * session_free, because a message handler that closes its session may still be looking at them. */
static void session_close(struct session *s, const char *error) {
    if (s->fd < 0)
        return;
    session_flush(s);
    while (s->first != NULL)
        drop_first(s);
    close(s->fd);
    s->fd = -1;
    if (s->on_close != NULL)
        contain(s->on_close(s->close_context, error));
}

static void session_free(struct session *s) {
    session_close(s, NULL);
    buffer_free(&s->in);
    free(s);
}

/* Sets the message handler, once. Nothing is read before. */
static const char *session_on_message(struct session *s, message_handler *handler, void *context) {
    if (s->fd < 0)
        return "closed";
    if (s->on_message != NULL)
        return "handler-set";
    s->on_message = handler;
    s->message_context = context;
    return NULL;
}

/* Sets the close handler, once. On a closed session it is called at once. */
static const char *session_on_close(struct session *s, close_handler *handler, void *context) {
    if (s->on_close != NULL)
        return "handler-set";
    s->on_close = handler;
    s->close_context = context;
    if (s->fd < 0)
        contain(handler(context, NULL));
    return NULL;
}

/* Delivers the whole messages in `in`, until a handler closes the session. Returns a word for an error, or NULL. */
static const char *session_decode(struct session *s) {
    while (s->fd >= 0 && buffer_len(&s->in) >= HEADER_LEN) {
        const unsigned char *header = s->in.data + s->in.start;
        size_t len = (size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3];
        if (header[0] != 0)
            return "reserved-byte";
        if (len == 0)
            return "empty";
        if (buffer_len(&s->in) - HEADER_LEN < len)
            break;
        contain(s->on_message(s->message_context, header + HEADER_LEN, len));
        s->in.start += HEADER_LEN + len;
    }
    if (buffer_len(&s->in) == 0)
        buffer_free(&s->in); /* an idle session costs nearly nothing */
    return NULL;
}

static void session_read(struct session *s) {
    ssize_t n = buffer_read(&s->in, s->fd);
    if (n < 0) {
        if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)
            session_close(s, errno == ECONNRESET ? "reset" : strerror(errno));
        return;
    }
    const char *error = session_decode(s);
    if (error == NULL && n == 0)
        error = buffer_len(&s->in) > 0 ? "truncated" : s->reset ? "reset" : "end-of-stream";
    if (error != NULL)
        session_close(s, error);
}

static short session_events(const struct session *s) {
    if (s->fd < 0)
        return 0;
    return (short)((s->on_message != NULL ? POLLIN : 0) | (s->first != NULL ? POLLOUT : 0));
}

/* Does what poll found possible. */
static void session_step(struct session *s, short found) {
    short wanted = session_events(s);
    if ((wanted & POLLOUT) && (found & (POLLOUT | POLLHUP | POLLERR))) {
        int error = session_flush(s);
        if (error != 0) { /* nobody takes the rest, but what the peer sent before it went is still to be read */
            s->reset = s->reset || error == ECONNRESET;
            while (s->first != NULL)
                drop_first(s);
        }
    }
    if ((wanted & POLLIN) && (found & (POLLIN | POLLHUP | POLLERR)))
        session_read(s);
}

/* ---- SHA-256 (FIPS 180-4) */

static const uint32_t sha_k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void sha_block(uint32_t h[8], const unsigned char *p) {
    uint32_t w[64], v[8];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 | (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t a = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t b = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + a + w[i - 7] + b;
    }
    memcpy(v, h, sizeof v);
    for (int i = 0; i < 64; i++) {
        uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]), majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        uint32_t a = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) + choice + sha_k[i] + w[i];
        uint32_t b = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) + majority;
        memmove(v + 1, v, 7 * sizeof v[0]);
        v[4] += a;
        v[0] = a + b;
    }
    for (int i = 0; i < 8; i++)
        h[i] += v[i];
}

static void sha256(const unsigned char *data, size_t len, unsigned char digest[32]) {
    uint32_t h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    size_t whole = len / 64 * 64, rest = len - whole;
    for (size_t i = 0; i < whole; i += 64)
        sha_block(h, data + i);
    unsigned char tail[128] = {0};
    size_t tail_len = rest < 56 ? 64 : 128;
    memcpy(tail, data + whole, rest);
    tail[rest] = 0x80;
    for (int i = 0; i < 8; i++)
        tail[tail_len - 1 - (size_t)i] = (unsigned char)((uint64_t)len * 8 >> 8 * i);
    for (size_t i = 0; i < tail_len; i += 64)
        sha_block(h, tail + i);
    for (int i = 0; i < 32; i++)
        digest[i] = (unsigned char)(h[i / 4] >> (24 - 8 * (i % 4)));
}

/* ---- Commands: one line of JSON each, as far as commands need it */

struct command {
    long long id;
    char *verb, *session, *socket, *handler; /* NULL where there is none */
    struct buffer content;
    bool unknown; /* has something that this driver does not know */
};

static void command_free(struct command *c) {
    free(c->verb);
    free(c->session);
    free(c->socket);
    free(c->handler);
    buffer_free(&c->content);
}

static void skip_space(const char **p) { *p += strspn(*p, " \t\r"); }

/* Goes past the character, if it is the next one. */
static bool next_is(const char **p, char c) {
    skip_space(p);
    if (**p != c)
        return false;
    ++*p;
    return true;
}

static void expect(const char **p, char c) {
    if (!next_is(p, c))
        die("a line that is no command");
}

static int hex_digit(char c) {
    const char *digits = "0123456789abcdef0123456789ABCDEF", *at = c ? strchr(digits, c) : NULL;
    if (at == NULL)
        die("a line with a wrong hex digit");
    return (int)(at - digits) % 16;
}

/* Reads \uXXXX, from the X on, as UTF-8. Surrogates and NUL are not among what this driver knows. */
static char *read_unicode(const char **p, char *out) {
    unsigned code = 0;
    for (int i = 0; i < 4; i++)
        code = code << 4 | (unsigned)hex_digit(*(*p)++);
    if (code == 0 || (code >= 0xD800 && code < 0xE000))
        die("a line with a character that this driver cannot read");
    if (code < 0x80) {
        *out++ = (char)code;
        return out;
    }
    if (code < 0x800) {
        *out++ = (char)(0xC0 | code >> 6);
    } else {
        *out++ = (char)(0xE0 | code >> 12);
        *out++ = (char)(0x80 | (code >> 6 & 0x3F));
    }
    *out++ = (char)(0x80 | (code & 0x3F));
    return out;
}

static char *read_string(const char **p) {
    expect(p, '"');
    char *text = malloc(strlen(*p) + 1), *out = text; /* no escape is shorter than what it stands for */
    if (text == NULL)
        die("out of memory");
    while (**p != '"') {
        char c = *(*p)++;
        if (c == '\0')
            die("a line that ends in a string");
        if (c != '\\') {
            *out++ = c;
            continue;
        }
        static const char escapes[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
        c = *(*p)++;
        const char *at = c ? strchr(escapes, c) : NULL;
        if (c == 'u')
            out = read_unicode(p, out);
        else if (at != NULL)
            *out++ = meant[at - escapes];
        else
            die("a line with a wrong escape");
    }
    ++*p;
    *out = '\0';
    return text;
}

static void set_string(const char **p, char **to) {
    free(*to);
    *to = read_string(p);
}

static long long read_number(const char **p) {
    skip_space(p);
    char *end;
    errno = 0;
    long long n = strtoll(*p, &end, 10);
    if (end == *p || errno != 0 || n < 1)
        die("a line with a wrong number");
    *p = end;
    return n;
}

/* Goes past a value of any kind. */
static void skip_value(const char **p) {
    int depth = 0;
    do {
        skip_space(p);
        if (**p == '"') {
            free(read_string(p));
        } else if (**p == '{' || **p == '[') {
            depth++;
            ++*p;
        } else if (**p == '}' || **p == ']') {
            depth--;
            ++*p;
        } else if (depth > 0 && (**p == ',' || **p == ':')) {
            ++*p;
        } else {
            size_t len = strcspn(*p, " \t\r,:{}[]\"");
            if (len == 0)
                die("a line that is no command");
            *p += len;
        }
    } while (depth > 0);
}

/* Adds the bytes that `hex` is of, at least one, `count` times. */
static void add_stretch(struct buffer *content, const char *hex, long long count) {
    size_t len = strlen(hex) / 2;
    if ((unsigned long long)count > SIZE_MAX / 2 / len)
        die("out of memory");
    buffer_reserve(content, len * (size_t)count);
    unsigned char *first = content->data + content->end;
    for (size_t i = 0; i < len; i++)
        first[i] = (unsigned char)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
    for (long long i = 1; i < count; i++)
        memcpy(first + (size_t)i * len, first, len);
    content->end += len * (size_t)count;
}

static void read_stretch(const char **p, struct command *c) {
    char *hex = NULL;
    long long count = 1;
    expect(p, '{');
    do {
        char *key = read_string(p);
        expect(p, ':');
        if (strcmp(key, "hex") == 0)
            set_string(p, &hex);
        else if (strcmp(key, "count") == 0)
            count = read_number(p);
        else {
            c->unknown = true;
            skip_value(p);
        }
        free(key);
    } while (next_is(p, ','));
    expect(p, '}');
    if (hex != NULL && hex[0] != '\0' && strlen(hex) % 2 == 0)
        add_stretch(&c->content, hex, count);
    else
        c->unknown = true;
    free(hex);
}

static void read_content(const char **p, struct command *c) {
    expect(p, '[');
    if (next_is(p, ']'))
        return;
    do
        read_stretch(p, c);
    while (next_is(p, ','));
    expect(p, ']');
}

static void read_command(const char *line, struct command *c) {
    const char **p = &line;
    expect(p, '{');
    do {
        char *key = read_string(p);
        expect(p, ':');
        if (strcmp(key, "id") == 0)
            c->id = read_number(p);
        else if (strcmp(key, "do") == 0)
            set_string(p, &c->verb);
        else if (strcmp(key, "session") == 0)
            set_string(p, &c->session);
        else if (strcmp(key, "socket") == 0)
            set_string(p, &c->socket);
        else if (strcmp(key, "handler") == 0)
            set_string(p, &c->handler);
        else if (strcmp(key, "content") == 0)
            read_content(p, c);
        else {
            c->unknown = true;
            skip_value(p);
        }
        free(key);
    } while (next_is(p, ','));
    expect(p, '}');
    expect(p, '\0');
    if (c->id == 0 || c->verb == NULL)
        die("a command without id or do");
}

/* ---- Replies and events */

static void put_string(const char *text) {
    putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            printf("\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            printf("\\u%04x", (unsigned)*text);
        else
            putchar(*text);
    }
    putchar('"');
}

static void put_hex(const char *key, const unsigned char *bytes, size_t len) {
    printf(",\"%s\":\"", key);
    for (size_t i = 0; i < len; i++)
        printf("%02x", bytes[i]);
    putchar('"');
}

static void put_result(const char *error) {
    printf(",\"ok\":%s", error == NULL ? "true" : "false");
    if (error != NULL) {
        printf(",\"error\":");
        put_string(error);
    }
}

static void end_line(void) {
    puts("}");
    if (fflush(stdout) != 0)
        die("nobody reads the output");
}

/* ---- The driver: sessions by name, and what their handlers do */

struct entry;

struct action { /* what a handler does after it has written its event */
    struct entry *entry;
    char *handler; /* plain, fail, close or send */
    struct buffer content;
};

struct entry {
    struct entry *next;
    char *name;
    struct session *session;
    struct action message, close;
};

static void begin_event(const char *event, const struct action *a) {
    printf("{\"event\":\"%s\",\"session\":", event);
    put_string(a->entry->name);
}

/* Does what the handler was told to do. False when that is to fail. */
static bool step(struct action *a) {
    const char *error = NULL;
    if (strcmp(a->handler, "fail") == 0)
        return false;
    if (strcmp(a->handler, "plain") == 0)
        return true;
    if (strcmp(a->handler, "close") == 0)
        session_close(a->entry->session, NULL);
    else
        error = session_send(a->entry->session, a->content.data, buffer_len(&a->content));
    begin_event("did", a);
    printf(",\"do\":\"%s\"", a->handler);
    put_result(error);
    end_line();
    return true;
}

static bool on_message(void *context, const unsigned char *content, size_t len) {
    unsigned char digest[32];
    sha256(content, len, digest);
    begin_event("message", context);
    printf(",\"length\":%zu", len);
    put_hex("sha256", digest, sizeof digest);
    if (len <= SHOWN_LEN)
        put_hex("hex", content, len);
    end_line();
    return step(context);
}

static bool on_close(void *context, const char *error) {
    begin_event("close", context);
    printf(",\"error\":");
    if (error != NULL)
        put_string(error);
    else
        printf("null");
    end_line();
    return step(context);
}

static void action_free(struct action *a) {
    free(a->handler);
    buffer_free(&a->content);
}

/* Sets a handler. The library is asked even when one is set, and the action of the first one is kept when it refuses. */
static const char *set_handler(struct entry *e, struct command *c) {
    const char *h = c->handler;
    if (h == NULL || (strcmp(h, "plain") && strcmp(h, "fail") && strcmp(h, "close") && strcmp(h, "send")))
        return "unsupported";
    bool message = strcmp(c->verb, "on_message") == 0;
    struct action *a = message ? &e->message : &e->close, before = *a;
    *a = (struct action){.entry = e, .handler = c->handler, .content = c->content};
    const char *error =
        message ? session_on_message(e->session, on_message, a) : session_on_close(e->session, on_close, a);
    if (error != NULL) {
        *a = before; /* the command keeps, and frees, what it brought */
        return error;
    }
    c->handler = NULL;
    c->content = (struct buffer){0};
    action_free(&before);
    return NULL;
}

static const char *open_session(struct entry **entries, struct command *c) {
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    if (c->socket == NULL || strlen(c->socket) >= sizeof addr.sun_path)
        return "unsupported";
    memcpy(addr.sun_path, c->socket, strlen(c->socket) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0)
        return strerror(errno);
    if (connect(fd, (struct sockaddr *)&addr, sizeof addr) != 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        const char *error = strerror(errno);
        close(fd);
        return error;
    }
    struct entry *e = calloc(1, sizeof *e);
    if (e == NULL)
        die("out of memory");
    e->name = c->session;
    c->session = NULL;
    e->session = session_new(fd);
    e->next = *entries;
    *entries = e;
    return NULL;
}

/* Releases the session that *at points to. */
static void release(struct entry **at) {
    struct entry *e = *at;
    *at = e->next;
    session_free(e->session);
    action_free(&e->message);
    action_free(&e->close);
    free(e->name);
    free(e);
}

static const char *do_command(struct entry **entries, struct command *c, size_t *queued) {
    static const char *const known[] = {"open", "on_message", "on_close", "send", "close", "release", "sync"};
    size_t i = 0, count = sizeof known / sizeof known[0];
    while (i < count && strcmp(known[i], c->verb) != 0)
        i++;
    if (i == count || c->unknown)
        return "unsupported";
    if (strcmp(c->verb, "sync") == 0)
        return NULL; /* one thread: every event is written when its handler is called */
    if (c->session == NULL)
        return "unsupported";
    struct entry **at = entries;
    while (*at != NULL && strcmp((*at)->name, c->session) != 0)
        at = &(*at)->next;
    if (strcmp(c->verb, "open") == 0)
        return *at == NULL ? open_session(entries, c) : "session-exists";
    if (*at == NULL)
        return "no-such-session";
    struct session *s = (*at)->session;
    if (strcmp(c->verb, "send") == 0) {
        const char *error = session_send(s, c->content.data, buffer_len(&c->content));
        *queued = error == NULL ? s->queued : 0;
        return error;
    }
    if (strcmp(c->verb, "close") == 0)
        session_close(s, NULL);
    else if (strcmp(c->verb, "release") == 0)
        release(at);
    else
        return set_handler(*at, c);
    return NULL;
}

static void obey(struct entry **entries, const char *line) {
    struct command c = {0};
    size_t queued = 0;
    read_command(line, &c);
    const char *error = do_command(entries, &c, &queued);
    printf("{\"id\":%lld", c.id);
    put_result(error);
    if (queued > 0)
        printf(",\"queued\":%zu", queued);
    end_line();
    command_free(&c);
}

/* Obeys the commands that standard input has. False at its end. */
static bool read_commands(struct entry **entries, struct buffer *in) {
    size_t seen = buffer_len(in);
    ssize_t n = buffer_read(in, STDIN_FILENO);
    if (n < 0 && errno != EINTR && errno != EAGAIN)
        die("standard input cannot be read");
    unsigned char *end;
    while ((end = memchr(in->data + in->start + seen, '\n', buffer_len(in) - seen)) != NULL) {
        *end = '\0';
        obey(entries, (const char *)in->data + in->start);
        in->start = (size_t)(end + 1 - in->data);
        seen = 0;
    }
    return n != 0;
}

/* Waits until something is possible, and does it: first what happens in the sessions, then what is commanded, which may
 * release them. False at the end of standard input. */
static bool run_once(struct entry **entries, struct buffer *in) {
    size_t count = 1, i = 1;
    for (struct entry *e = *entries; e != NULL; e = e->next)
        count++;
    struct pollfd *polled = calloc(count, sizeof *polled);
    if (polled == NULL)
        die("out of memory");
    polled[0] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
    for (struct entry *e = *entries; e != NULL; e = e->next) {
        short events = session_events(e->session);
        /* With no events poll would still report a hang-up, again and again: then it is not asked. */
        polled[i++] = (struct pollfd){.fd = events != 0 ? e->session->fd : -1, .events = events};
    }
    if (poll(polled, (nfds_t)count, -1) < 0 && errno != EINTR)
        die(strerror(errno));
    i = 1;
    for (struct entry *e = *entries; e != NULL; e = e->next, i++)
        if (polled[i].revents != 0)
            session_step(e->session, polled[i].revents);
    bool more = polled[0].revents == 0 || read_commands(entries, in);
    free(polled);
    return more;
}

int main(void) {
    struct entry *entries = NULL;
    struct buffer in = {0};
    signal(SIGPIPE, SIG_IGN); /* a peer that is gone is an EPIPE, not our death */
    while (run_once(&entries, &in))
        continue;
    while (entries != NULL)
        release(&entries);
    buffer_free(&in);
    return 0;
}
