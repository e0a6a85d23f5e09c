/*
 * An echo server that speaks the oizys protocol, in C11 and POSIX only.
 *
 *     cc -O2 -o echo_server echo_server.c
 *     ./echo_server SOCKET          (or OIZYS_SOCKET in the environment)
 *
 * Prints "ready" once it listens; ends on SIGTERM or SIGINT and removes its socket. Exit status: 0 ended by a signal,
 * 1 failed, 2 wrong usage.
 *
 * A message is a 4-byte header and its content: a reserved byte 0x00, then the content's length, 1 to 16,777,215, as
 * three bytes, most significant first. Anything else is an error, and an error closes the session: nothing more is
 * read, replies to the messages that came whole before it are still sent, then the socket is closed.
 *
 * One thread, one poll(2) loop, sockets that never block. To make your own server, replace on_message().
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    HEADER_LEN = 4,
    CHUNK = 64 * 1024,           /* the least room that a read is given */
    PENDING_LIMIT = 1024 * 1024, /* with more unsent output than this, nothing is read or decoded */
    ACCEPT_PAUSE_MS = 50,        /* how long accept rests when descriptors or memory have run out */
};

/* ---- A growing byte queue: data[start..end) is filled. */

struct buffer {
    unsigned char *data;
    size_t start, end, capacity;
};

static size_t buffer_len(const struct buffer *b) { return b->end - b->start; }

static void buffer_free(struct buffer *b) {
    free(b->data);
    *b = (struct buffer){0};
}

/* Makes room for `more` bytes at the end; false when memory has run out. Growth follows what has arrived, never what a
 * header announces. */
static bool buffer_reserve(struct buffer *b, size_t more) {
    if (b->capacity - b->end >= more)
        return true;
    size_t used = buffer_len(b);
    if (b->start >= used && b->start > 0) { /* mostly consumed: moving is cheaper than growing */
        memmove(b->data, b->data + b->start, used);
        b->start = 0;
        b->end = used;
        if (b->capacity - b->end >= more)
            return true;
    }
    size_t capacity = b->capacity + b->capacity / 2;
    if (capacity < b->end + more)
        capacity = b->end + more;
    unsigned char *data = realloc(b->data, capacity);
    if (data == NULL)
        return false;
    b->data = data;
    b->capacity = capacity;
    return true;
}

static bool buffer_append(struct buffer *b, const void *bytes, size_t len) {
    if (!buffer_reserve(b, len))
        return false;
    memcpy(b->data + b->end, bytes, len);
    b->end += len;
    return true;
}

/* Drops the first `len` bytes. An empty buffer keeps no memory, so idle sessions cost nearly nothing. */
static void buffer_consume(struct buffer *b, size_t len) {
    b->start += len;
    if (b->start == b->end)
        buffer_free(b);
}

/* ---- Sessions */

struct session {
    int fd;
    bool closing;      /* reads no more: ends as soon as `out` is empty */
    struct buffer in;  /* received, not yet decoded */
    struct buffer out; /* to be sent */
};

/* Queues one message; the caller guarantees 1 <= len <= 16,777,215. False when memory has run out. */
static bool session_send(struct session *s, const unsigned char *content, size_t len) {
    unsigned char header[HEADER_LEN] = {0, (unsigned char)(len >> 16), (unsigned char)(len >> 8), (unsigned char)len};
    return buffer_append(&s->out, header, sizeof header) && buffer_append(&s->out, content, len);
}

/* What this server does with a message: it echoes it. False closes the session. */
static bool on_message(struct session *s, const unsigned char *content, size_t len) {
    return session_send(s, content, len);
}

/* Delivers the whole messages in `in`, as long as there is room for replies. False on an error. */
static bool session_decode(struct session *s) {
    while (buffer_len(&s->in) >= HEADER_LEN && buffer_len(&s->out) < PENDING_LIMIT) {
        const unsigned char *header = s->in.data + s->in.start;
        size_t len = (size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3];
        if (header[0] != 0 || len == 0)
            return false;
        if (buffer_len(&s->in) - HEADER_LEN < len)
            return true;
        if (!on_message(s, header + HEADER_LEN, len))
            return false;
        buffer_consume(&s->in, HEADER_LEN + len);
    }
    return true;
}

/* Sends what the socket takes. False when the connection is gone. */
static bool session_flush(struct session *s) {
    while (buffer_len(&s->out) > 0) {
        ssize_t n = write(s->fd, s->out.data + s->out.start, buffer_len(&s->out));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK;
        buffer_consume(&s->out, (size_t)n);
    }
    return true;
}

/* Reads once. An end of stream begins closing: between messages it is the peer's close or half-close, inside one it is
 * an error, and neither has anything more to deliver. False when the connection is gone. */
static bool session_read(struct session *s) {
    if (!buffer_reserve(&s->in, CHUNK))
        return false;
    ssize_t n = read(s->fd, s->in.data + s->in.end, s->in.capacity - s->in.end);
    if (n > 0)
        s->in.end += (size_t)n;
    else if (n == 0)
        s->closing = true;
    else if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)
        return false;
    buffer_consume(&s->in, 0);
    return true;
}

/* Stops reading for good, and lets a peer that is still writing know at once. */
static void session_fail(struct session *s) {
    s->closing = true;
    buffer_free(&s->in);
    shutdown(s->fd, SHUT_RD);
}

static short session_events(const struct session *s) {
    short events = 0;
    if (!s->closing && buffer_len(&s->out) < PENDING_LIMIT)
        events |= POLLIN;
    if (buffer_len(&s->out) > 0)
        events |= POLLOUT;
    return events;
}

/* Does what poll found possible. False when the session is over. */
static bool session_step(struct session *s, short events) {
    short wanted = session_events(s);
    if ((wanted & POLLIN) && (events & (POLLIN | POLLHUP | POLLERR)) && !session_read(s))
        return false;
    for (;;) {
        if (!session_flush(s))
            return false;
        if (buffer_len(&s->out) >= PENDING_LIMIT)
            break; /* goes on when the peer has read some */
        size_t before = buffer_len(&s->in);
        if (!session_decode(s))
            session_fail(s);
        if (buffer_len(&s->in) == before)
            break; /* what is left is no whole message */
    }
    return !s->closing || buffer_len(&s->out) > 0;
}

/* ---- The server */

struct server {
    int listener;
    struct session **sessions;
    struct pollfd *polled; /* [0] the signal pipe, [1] the listener, then one per session */
    size_t count, capacity;
};

static int signal_pipe[2];

static void on_signal(int number) {
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    ssize_t ignored = write(signal_pipe[1], &byte, 1);
    (void)ignored;
    errno = saved;
}

static bool set_flags(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

static bool server_grow(struct server *srv) {
    if (srv->count < srv->capacity)
        return true;
    size_t capacity = srv->capacity ? srv->capacity * 2 : 64;
    struct session **sessions = realloc(srv->sessions, capacity * sizeof *sessions);
    if (sessions == NULL)
        return false;
    srv->sessions = sessions;
    struct pollfd *polled = realloc(srv->polled, (capacity + 2) * sizeof *polled);
    if (polled == NULL)
        return false;
    srv->polled = polled;
    srv->capacity = capacity;
    return true;
}

static void session_free(struct session *s) {
    close(s->fd);
    buffer_free(&s->in);
    buffer_free(&s->out);
    free(s);
}

/* Accepts every waiting connection. False when a resource has run out, so that accepting should rest a while. */
static bool server_accept(struct server *srv) {
    for (;;) {
        int fd = accept(srv->listener, NULL, NULL);
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (fd < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK;
        struct session *s = calloc(1, sizeof *s);
        if (s == NULL || !server_grow(srv) || !set_flags(fd)) {
            free(s);
            close(fd);
            return false;
        }
        s->fd = fd;
        srv->sessions[srv->count++] = s;
    }
}

static int server_run(struct server *srv) {
    bool resting = false;
    for (;;) {
        srv->polled[0] = (struct pollfd){.fd = signal_pipe[0], .events = POLLIN};
        srv->polled[1] = (struct pollfd){.fd = resting ? -1 : srv->listener, .events = POLLIN};
        for (size_t i = 0; i < srv->count; i++)
            srv->polled[2 + i] = (struct pollfd){.fd = srv->sessions[i]->fd, .events = session_events(srv->sessions[i])};
        int n = poll(srv->polled, (nfds_t)(2 + srv->count), resting ? ACCEPT_PAUSE_MS : -1);
        if (n < 0 && errno != EINTR && errno != EAGAIN) {
            perror("echo_server: poll");
            return 1;
        }
        if (n < 0)
            continue;
        if (srv->polled[0].revents)
            return 0;
        for (size_t i = srv->count; i-- > 0;) { /* backwards: the last session takes the place of one that ends */
            short events = srv->polled[2 + i].revents;
            if (events && !session_step(srv->sessions[i], events)) {
                session_free(srv->sessions[i]);
                srv->sessions[i] = srv->sessions[--srv->count];
            }
        }
        if (resting || srv->polled[1].revents)
            resting = !server_accept(srv);
    }
}

/* ---- Starting and ending */

static int fail(const char *path, const char *problem) {
    fprintf(stderr, "echo_server: %s: %s\n", path, problem);
    return -1;
}

/* Whether the file at the address is a socket that nobody serves any more. */
static bool is_stale(const struct sockaddr_un *addr) {
    struct stat st;
    if (lstat(addr->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0)
        return false;
    bool refused = set_flags(fd) && connect(fd, (const struct sockaddr *)addr, sizeof *addr) != 0 && errno == ECONNREFUSED;
    close(fd);
    return refused;
}

/* A listening socket at the path, or -1 after saying why not. Only a stale socket is replaced. */
static int listen_at(const char *path) {
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    memcpy(addr.sun_path, path, strlen(path) + 1); /* main has checked that it fits */
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || !set_flags(fd))
        return fail(path, strerror(errno));
    int failed = bind(fd, (struct sockaddr *)&addr, sizeof addr);
    if (failed && errno == EADDRINUSE) {
        if (!is_stale(&addr))
            return fail(path, "taken by a running server, or by something that is not a socket");
        if (unlink(path) != 0)
            return fail(path, strerror(errno));
        failed = bind(fd, (struct sockaddr *)&addr, sizeof addr);
    }
    if (failed || listen(fd, SOMAXCONN) != 0)
        return fail(path, strerror(errno));
    return fd;
}

static bool catch_signals(void) {
    if (pipe(signal_pipe) != 0 || !set_flags(signal_pipe[0]) || !set_flags(signal_pipe[1]))
        return false;
    struct sigaction stop = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};
    return sigaction(SIGTERM, &stop, NULL) == 0 && sigaction(SIGINT, &stop, NULL) == 0 &&
           sigaction(SIGPIPE, &ignore, NULL) == 0; /* a peer that is gone is an EPIPE, not our death */
}

int main(int argc, char **argv) {
    const char *path = argc == 2 ? argv[1] : argc == 1 ? getenv("OIZYS_SOCKET") : NULL;
    if (path == NULL || path[0] == '\0') {
        fputs("usage: echo_server SOCKET (or OIZYS_SOCKET in the environment)\n", stderr);
        return 2;
    }
    if (strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path) {
        fail(path, "the path is too long for a socket");
        return 2;
    }
    static struct server srv;
    struct stat ours, now;
    if (!catch_signals() || !server_grow(&srv)) {
        perror("echo_server");
        return 1;
    }
    srv.listener = listen_at(path);
    if (srv.listener < 0)
        return 1;
    bool known = lstat(path, &ours) == 0;
    puts("ready");
    fflush(stdout);
    int status = server_run(&srv);
    while (srv.count > 0)
        session_free(srv.sessions[--srv.count]);
    free(srv.sessions);
    free(srv.polled);
    /* Remove the socket while it is still ours: someone may have put another one in its place. */
    if (known && lstat(path, &now) == 0 && now.st_dev == ours.st_dev && now.st_ino == ours.st_ino)
        unlink(path);
    close(srv.listener);
    return status;
}
