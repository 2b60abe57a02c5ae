// Preloaded into a node: the call of pwrite with the number SHORT_AT on a file of the journal, counted from when the
// file SHORT_ARMED exists, writes one byte only, as a disk that is nearly full or a signal may make it; of a file past the
// system's memory one sector, which a disk of 4 KiB a sector refuses: there nothing is shorter.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

typedef ssize_t (*write_function)(int, const void *, size_t, off_t);

static int is_journal(int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 3) return 0;
    path[length] = 0;
    return strcmp(path + length - 3, ".pj") == 0;
}

static ssize_t shortened(const char *name, int file, const void *bytes, size_t count, off_t offset) {
    static atomic_long calls;
    write_function original = (write_function)dlsym(RTLD_NEXT, name);
    const char *at = getenv("SHORT_AT"), *armed = getenv("SHORT_ARMED");
    if (at && armed && count > 1 && is_journal(file) && access(armed, F_OK) == 0
        && atomic_fetch_add(&calls, 1) + 1 == atol(at))
    {
        int is_direct = (fcntl(file, F_GETFL) & O_DIRECT) != 0;
        ssize_t written = original(file, bytes, is_direct ? 512 : 1, offset);
        if (written >= 0 || errno != EINVAL) return written;
    }
    return original(file, bytes, count, offset);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
    return shortened("pwrite", file, bytes, count, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off_t offset) {
    return shortened("pwrite64", file, bytes, count, offset);
}
