/*
 * A client that speaks the oizys protocol, in C11 and POSIX only.
 *
 *     cc -O2 -o echo_client echo_client.c
 *     ./echo_client -e SOCKET -m MESSAGE          (without -e: OIZYS_SOCKET in the environment)
 *
 * Sends one message, the bytes of the argument, waits for one reply, closes the session, and prints the reply's content
 * and a line end. Exit status: 0 replied, 1 the session failed (nothing on stdout, one line on stderr), 2 wrong usage,
 * to which an empty message belongs: the protocol prohibits it, so nothing is sent, not even a connection made.
 *
 * A message is a 4-byte header and its content: a reserved byte 0x00, then the content's length, 1 to 16,777,215, as
 * three bytes, most significant first. A reply of any other form, or one that is cut short, is an error.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { HEADER_LEN = 4, MAX_LEN = 0xffffff, CHUNK = 64 * 1024 };

/* Says what went wrong. Always false, to be returned. */
static bool fail(const char *problem) {
    fprintf(stderr, "echo_client: %s\n", problem);
    return false;
}

static bool write_all(int fd, const void *bytes, size_t len) {
    for (const unsigned char *next = bytes; len > 0;) {
        ssize_t n = write(fd, next, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(strerror(errno));
        next += n;
        len -= (size_t)n;
    }
    return true;
}

static bool read_all(int fd, unsigned char *bytes, size_t len) {
    while (len > 0) {
        ssize_t n = read(fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(strerror(errno));
        if (n == 0)
            return fail("the session ended before the reply was whole");
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static bool send_message(int fd, const char *content, size_t len) {
    unsigned char *message = malloc(HEADER_LEN + len);
    if (message == NULL)
        return fail("out of memory");
    message[0] = 0;
    message[1] = (unsigned char)(len >> 16);
    message[2] = (unsigned char)(len >> 8);
    message[3] = (unsigned char)len;
    memcpy(message + HEADER_LEN, content, len);
    bool sent = write_all(fd, message, HEADER_LEN + len);
    free(message);
    return sent;
}

/* Receives one message; its content is the caller's to free. Memory grows with what arrives: the length that a header
 * announces is only a promise. */
static bool receive_message(int fd, unsigned char **content, size_t *len) {
    unsigned char header[HEADER_LEN];
    if (!read_all(fd, header, sizeof header))
        return false;
    if (header[0] != 0)
        return fail("invalid reply: the reserved byte is not zero");
    *len = (size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3];
    if (*len == 0)
        return fail("invalid reply: a message without content");
    for (size_t have = 0; have < *len;) {
        size_t step = have < CHUNK ? CHUNK : have; /* doubles */
        if (step > *len - have)
            step = *len - have;
        unsigned char *grown = realloc(*content, have + step);
        if (grown == NULL)
            return fail("out of memory");
        *content = grown;
        if (!read_all(fd, grown + have, step))
            return false;
        have += step;
    }
    return true;
}

/* A connection to the socket at the path, or -1 after saying why not. */
static int connect_to(const char *path) {
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof addr.sun_path) {
        fail("the path is too long for a socket");
        return -1;
    }
    memcpy(addr.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof addr) == 0)
        return fd;
    fprintf(stderr, "echo_client: %s: %s\n", path, strerror(errno));
    return -1;
}

static bool print_reply(const unsigned char *content, size_t len) {
    if (fwrite(content, 1, len, stdout) == len && putchar('\n') != EOF && fflush(stdout) == 0)
        return true;
    return fail("the reply could not be printed");
}

int main(int argc, char **argv) {
    const char *path = getenv("OIZYS_SOCKET"), *message = NULL;
    int option;
    while ((option = getopt(argc, argv, "e:m:")) != -1) {
        if (option == 'e')
            path = optarg;
        else if (option == 'm')
            message = optarg;
        else
            optind = argc + 1; /* getopt has said what is wrong */
    }
    if (optind != argc || path == NULL || path[0] == '\0' || message == NULL) {
        fputs("usage: echo_client -e SOCKET -m MESSAGE (or OIZYS_SOCKET in the environment for -e)\n", stderr);
        return 2;
    }
    size_t len = strlen(message);
    if (len == 0 || len > MAX_LEN) {
        fail(len == 0 ? "an empty message must not be sent" : "the message is longer than 16777215 bytes");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN); /* a server that is gone is an error to report, not our death */
    int fd = connect_to(path);
    if (fd < 0)
        return 1;
    unsigned char *reply = NULL;
    size_t reply_len = 0;
    bool good = send_message(fd, message, len) && receive_message(fd, &reply, &reply_len);
    close(fd); /* before printing, which may have to wait for a reader */
    good = good && print_reply(reply, reply_len);
    free(reply);
    return good ? 0 : 1;
}
