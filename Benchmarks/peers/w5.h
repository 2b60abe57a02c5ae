// What the peers of W5 share: they commit groups of rows as they are told by lines on standard input.
//
// "BATCH SECONDS ready" is answered by a line with rows per second, and the median and the 99th percentile of the
// time of a commit in microseconds.
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LARGEST_ROW = 4096, LARGEST_BATCH = 1000, MOST_COMMITS = 4000000 };

static char row[LARGEST_ROW];
static int row_size;

static inline double passed(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static inline int by_time(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static inline void require(int holds, const char *what, const char *why) {
    if (holds) return;
    fprintf(stderr, "peers: %s: %s\n", what, why);
    exit(1);
}

// The rows that are written: bytes that do not compress.
static inline void make_row(const char *size) {
    row_size = atoi(size);
    require(row_size > 0 && row_size <= LARGEST_ROW, "bytes per row", size);
    uint64_t state = 88172645463325252u;
    for (int index = 0; index < row_size; index++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        row[index] = (char)state;
    }
}

// `prepare` comes before each measurement, `commit` returns when a group is durable.
static inline int take_turns(void (*prepare)(int batch), void (*commit)(int batch)) {
    static double times[MOST_COMMITS];
    char line[100], mode[20];
    printf("ready\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        int batch = 0;
        double seconds = 0;
        require(sscanf(line, "%d %lf %19s", &batch, &seconds, mode) == 3 && batch > 0 &&
                    batch <= LARGEST_BATCH,
                "not BATCH SECONDS ready", line);
        prepare(batch);
        int count = 0;
        double start = passed(), now = start;
        while (now - start < seconds && count < MOST_COMMITS) {
            commit(batch);
            double end = passed();
            times[count++] = end - now;
            now = end;
        }
        qsort(times, (size_t)count, sizeof *times, by_time);
        printf("%.0f %.0f %.0f\n", (double)count * batch / (now - start), times[count / 2] * 1e6,
               times[(long)count * 99 / 100] * 1e6);
        fflush(stdout);
    }
    return 0;
}
