/* Tells `oizys fuzz --coverage` which places of a C or C++ program have run, while it runs.
 *
 * Build the program with the places marked, and link this file:
 *
 *     gcc   -fsanitize-coverage=trace-pc       -o server server.c oizys_coverage.c
 *     clang -fsanitize-coverage=trace-pc-guard -o server server.c oizys_coverage.c
 *
 * The map is the file that OIZYS_COVERAGE_MAP names: 65,536 bytes, each the counter of one place, or seldom of several.
 * A counter stays at 255 once it is there. The program only counts; who reads the map sets it to zero, at any time. It is
 * shared by all processes that the program forks. Without the variable, or when the file cannot be mapped, the program
 * runs as ever. Linux; no license is needed to copy this file.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef __clang__
#define UNMARKED __attribute__((no_sanitize("coverage")))
#else
#define UNMARKED __attribute__((no_sanitize_coverage))
#endif

enum { MAP_BITS = 16, MAP_SIZE = 1 << MAP_BITS };

static unsigned char unread[MAP_SIZE]; /* counted in when nobody asks */
static unsigned char *map = unread;

UNMARKED __attribute__((constructor(101))) static void open_map(void) {
    const char *path = getenv("OIZYS_COVERAGE_MAP");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    if (lseek(fd, 0, SEEK_END) >= MAP_SIZE) {
        void *shared = mmap(NULL, MAP_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (shared != MAP_FAILED)
            map = (unsigned char *)shared;
    }
    close(fd);
}

UNMARKED static void count(unsigned char *counter) {
    if (*counter < 255)
        ++*counter; /* threads may lose a count, and never the first */
}

#ifdef __cplusplus
extern "C" {
#endif

/* gcc: called at each place. What names the place is how far it lies from here, the same in every run. */
UNMARKED void __sanitizer_cov_trace_pc(void) {
    uint64_t place = (uint64_t)((uintptr_t)__builtin_return_address(0) - (uintptr_t)unread);
    count(&map[place * UINT64_C(0x9e3779b97f4a7c15) >> (64 - MAP_BITS)]);
}

/* clang: called with a number for each place, which is given out at the start. */
UNMARKED void __sanitizer_cov_trace_pc_guard_init(uint32_t *start, uint32_t *stop) {
    static uint32_t places;
    for (uint32_t *guard = start; guard < stop; guard++)
        if (*guard == 0)
            *guard = ++places;
}

UNMARKED void __sanitizer_cov_trace_pc_guard(uint32_t *guard) { count(&map[*guard % MAP_SIZE]); }

#ifdef __cplusplus
}
#endif
