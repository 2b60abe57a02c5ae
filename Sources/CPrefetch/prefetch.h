#ifndef PLIMSOLL_PREFETCH_H
#define PLIMSOLL_PREFETCH_H

// Asks for a line of memory without waiting for it, which Swift has no word for. Any address will do.
static inline void plimsoll_prefetch(const void *address) { __builtin_prefetch(address); }

#endif
