// What the C and C++ peers share: reading input files, processor time, and the summary of runs.
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, HUGE_PAGE = 1 << 21 };

static inline double seconds_of(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// Time that this thread spent on a processor: what can be quoted on a shared machine.
static inline double processor_time(void) { return seconds_of(CLOCK_THREAD_CPUTIME_ID); }

// Zeroed memory on huge pages where the system has them.
static inline void *allocate(size_t size) {
    size_t rounded = (size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    if (rounded == 0) rounded = HUGE_PAGE;
    void *memory = aligned_alloc(HUGE_PAGE, rounded);
    if (!memory) {
        fprintf(stderr, "peers: %zu bytes of memory were not to be had.\n", rounded);
        exit(2);
    }
    madvise(memory, rounded, MADV_HUGEPAGE);
    return memset(memory, 0, rounded);
}

// Reads DIR/NAME.bin; `count` becomes the number of its elements.
static inline void *read_file(const char *folder, const char *name, size_t element, size_t *count) {
    char path[PATH_SIZE];
    if (snprintf(path, sizeof path, "%s/%s.bin", folder, name) >= PATH_SIZE) exit(2);
    FILE *file = fopen(path, "rb");
    if (!file) {
        fprintf(stderr, "peers: %s cannot be read. Write the input with generate.py.\n", path);
        exit(2);
    }
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    if (size % element != 0) {
        fprintf(stderr, "peers: %s has %zu bytes, not a multiple of %zu.\n", path, size, element);
        exit(2);
    }
    void *memory = allocate(size);
    if (fread(memory, 1, size, file) != size) {
        fprintf(stderr, "peers: %s ended early.\n", path);
        exit(2);
    }
    fclose(file);
    *count = size / element;
    return memory;
}

static inline int by_value(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

// Sorts the times: afterwards the first is the smallest, the last the largest.
static inline double median(double *times, int runs) {
    qsort(times, (size_t)runs, sizeof *times, by_value);
    return times[runs / 2];
}
