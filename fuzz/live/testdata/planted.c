/* An echo server with a bug on purpose, which shows what coverage gains: behind two whole messages on a connection, a
 * third whose content begins with MAGIC, four bytes or two that are compared one by one, ends the server. Else it does as it should. */

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef MAGIC
#define MAGIC "OiZy"
#endif

static bool read_whole(int fd, unsigned char *to, size_t n) {
    while (n > 0) {
        ssize_t got = read(fd, to, n);
        if (got <= 0)
            return false;
        to += got;
        n -= (size_t)got;
    }
    return true;
}

static bool send_whole(int fd, const unsigned char *from, size_t n) {
    while (n > 0) {
        ssize_t sent = send(fd, from, n, MSG_NOSIGNAL);
        if (sent < 0)
            return false;
        from += sent;
        n -= (size_t)sent;
    }
    return true;
}

static void planted(const unsigned char *content, size_t n) {
    if (n >= sizeof MAGIC - 1 && content[0] == MAGIC[0] && content[1] == MAGIC[1])
        if (sizeof MAGIC == 3 || (content[2] == MAGIC[2] && content[3] == MAGIC[3]))
            abort();
}

static void *serve(void *connection) {
    int fd = (int)(size_t)connection;
    unsigned char header[4];
    for (size_t messages = 0; read_whole(fd, header, sizeof header); messages++) {
        size_t n = (size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3];
        unsigned char *message = header[0] == 0 && n > 0 ? malloc(sizeof header + n) : NULL;
        if (message == NULL)
            break;
        memcpy(message, header, sizeof header);
        bool whole = read_whole(fd, message + sizeof header, n);
        if (whole && messages >= 2)
            planted(message + sizeof header, n);
        whole = whole && send_whole(fd, message, sizeof header + n);
        free(message);
        if (!whole)
            break;
    }
    close(fd);
    return NULL;
}

int main(int argc, char **argv) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (argc != 2 || strlen(argv[1]) >= sizeof address.sun_path)
        return 2;
    memcpy(address.sun_path, argv[1], strlen(argv[1]) + 1);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, SOMAXCONN) != 0)
        return 1;
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        pthread_t thread;
        if (fd >= 0 && pthread_create(&thread, NULL, serve, (void *)(size_t)fd) == 0)
            pthread_detach(thread);
        else if (fd >= 0)
            close(fd);
    }
}
