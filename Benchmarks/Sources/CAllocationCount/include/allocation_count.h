#pragma once

/// How many times the calling thread has asked for memory so far: malloc, calloc, realloc and the
/// aligned forms of it.
unsigned long allocation_count(void);
