// The least that event to effect takes on this machine: the node's threads, hand-over, journal file and processor time, and no
// engine.
//
// Usage: effects_floor FOLDER GROUPS_PER_SECOND SECONDS plain|real-time
//
// One thread hands over groups at a rate. A writer, which may go before all others, writes 1,700 bytes into a file that
// was filled before and then keeps its core for as long as a node's does for 20 events; a follower reads the bytes and does the
// same; a third thread syncs. Prints p50_us, p99_us, p999_us and max_us.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { GROUP = 1700, FILE_SIZE = 64 << 20, WRITER_NS = 35000, FOLLOWER_NS = 55000, SYNC_US = 30000 };

// What one thread tells the next: how many groups there are.
struct channel {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    long count;
    bool is_over;
};

static struct channel to_writer = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, false};
static struct channel to_follower = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, false};
static int64_t *handed, *done;
static int file;
static bool is_real_time;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void work(int64_t nanoseconds) {
    int64_t end = now() + nanoseconds;
    while (now() < end) {}
}

static void tell(struct channel *channel, long count, bool is_over) {
    pthread_mutex_lock(&channel->mutex);
    channel->count = count;
    channel->is_over = is_over;
    pthread_mutex_unlock(&channel->mutex);
    pthread_cond_signal(&channel->changed);
}

// How many groups there are, above `seen`, or -1 at the end.
static long next(struct channel *channel, long seen) {
    pthread_mutex_lock(&channel->mutex);
    while (channel->count == seen && !channel->is_over) pthread_cond_wait(&channel->changed, &channel->mutex);
    long count = channel->count == seen ? -1 : channel->count;
    pthread_mutex_unlock(&channel->mutex);
    return count;
}

static off_t place(long group) { return group % (FILE_SIZE / GROUP) * GROUP; }

static void *write_groups(void *unused) {
    static char bytes[GROUP];
    if (is_real_time) {
        struct sched_param first = {.sched_priority = 1};
        if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &first)) fail("SCHED_FIFO");
    }
    long seen = 0;
    for (long count; (count = next(&to_writer, seen)) >= 0;) {
        for (; seen < count; seen++) {
            if (pwrite(file, bytes, GROUP, place(seen)) != GROUP) fail("pwrite");
            work(WRITER_NS);
            done[seen] = now();
        }
        tell(&to_follower, seen, false);
    }
    tell(&to_follower, seen, true);
    return unused;
}

static void *follow(void *unused) {
    static char bytes[GROUP];
    long seen = 0;
    for (long count; (count = next(&to_follower, seen)) >= 0;) {
        for (; seen < count; seen++) {
            if (pread(file, bytes, GROUP, place(seen)) != GROUP) fail("pread");
            work(FOLLOWER_NS);
        }
    }
    return unused;
}

static void *sync_file(void *unused) {
    while (true) {
        usleep(SYNC_US);
        if (fdatasync(file)) fail("fdatasync");
    }
    return unused;
}

static int compare(const void *one, const void *other) {
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;
    return (a > b) - (a < b);
}

int main(int count, char **words) {
    if (count != 5) {
        fprintf(stderr, "usage: effects_floor FOLDER GROUPS_PER_SECOND SECONDS plain|real-time\n");
        return 2;
    }
    long rate = atol(words[2]), groups = (long)(rate * atof(words[3]));
    is_real_time = strcmp(words[4], "real-time") == 0;
    char path[4096];
    snprintf(path, sizeof path, "%s/effects-floor", words[1]);
    file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    char *zeros = calloc(1, 1 << 20);
    for (int index = 0; file >= 0 && index < FILE_SIZE >> 20; index++)
        if (write(file, zeros, 1 << 20) != 1 << 20) fail("write");
    if (file < 0 || fsync(file)) fail(path);
    handed = malloc(groups * sizeof *handed);
    done = malloc(groups * sizeof *done);
    memset(handed, 1, groups * sizeof *handed);
    memset(done, 1, groups * sizeof *done);
    pthread_t writer, follower, syncer;
    if (pthread_create(&writer, 0, write_groups, 0) || pthread_create(&follower, 0, follow, 0)
        || pthread_create(&syncer, 0, sync_file, 0))
        fail("pthread_create");
    int64_t start = now() + 10000000;
    for (long group = 0; group < groups; group++) {
        int64_t time = start + group * INT64_C(1000000000) / rate;
        struct timespec until = {time / 1000000000, time % 1000000000};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, 0)) {}
        handed[group] = now();
        tell(&to_writer, group + 1, false);
    }
    tell(&to_writer, groups, true);
    pthread_join(writer, 0);
    for (long group = 0; group < groups; group++) done[group] -= handed[group];
    qsort(done, groups, sizeof *done, compare);
    printf("%.1f %.1f %.1f %.1f\n", done[groups / 2] / 1e3, done[groups * 99 / 100] / 1e3,
        done[(long)(0.999 * (groups - 1))] / 1e3, done[groups - 1] / 1e3);
    unlink(path);
    return 0;
}
