#ifndef PLIMSOLL_MEMORY_H
#define PLIMSOLL_MEMORY_H

#include <stddef.h>
#include <sys/mman.h>

// What Swift has no word for.

// Asks for a line of memory without waiting for it. Any address will do.
static inline void plimsoll_prefetch(const void *address) { __builtin_prefetch(address); }

// Room for `size` zero bytes, a multiple of 2 MiB, which takes memory only where it is written to; NULL: there is none.
// With `large`, in large pages if the system has them.
static inline void *plimsoll_reserve(size_t size, int large) {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (memory == MAP_FAILED) return NULL;
#ifdef MADV_HUGEPAGE
    if (large) madvise(memory, size, MADV_HUGEPAGE);
#endif
    return memory;
}

static inline void plimsoll_release(void *memory, size_t size) { munmap(memory, size); }

#ifdef __linux__
// Their headers show them to GNU programs only.
extern void *mremap(void *memory, size_t size, size_t larger, int flags, ...);
extern int prctl(int option, ...);
#endif

// New memory of this process comes in small pages from now on, also where large ones were asked for.
static inline void plimsoll_end_large_pages(void) {
#ifdef __linux__
    enum { set_thp_disable = 41 };
    prctl(set_thp_disable, 1L, 0L, 0L, 0L);
#endif
}

// Makes the first `used` bytes, whole pages, of one reservation those of another without copying them, and gives the rest
// of the first back; 0: nothing was changed.
static inline int plimsoll_move(void *memory, size_t size, size_t used, void *to) {
#ifdef __linux__
    enum { may_move = 1, fixed = 2 };
    if (mremap(memory, used, used, may_move | fixed, to) == MAP_FAILED) return 0;
    if (size > used) munmap((char *)memory + used, size - used);
    return 1;
#else
    return 0;
#endif
}

#endif
