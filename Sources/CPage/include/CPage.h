#ifndef PLIMSOLL_PAGE_H
#define PLIMSOLL_PAGE_H

#include <stddef.h>

/// One file of the page, as it is served.
struct plimsoll_page_file {
    /// The path in the address: `/index.html`. `/` stands for it too; that is the server's to know.
    const char *path;
    /// The media type.
    const char *type;
    /// The content.
    const unsigned char *bytes;
    /// How many bytes there are.
    size_t length;
};

/// How many files there are. Nothing beside them is served: no route is made from a request.
size_t plimsoll_page_count(void);

/// The file at `index`; `NULL` from the count on. It lives as long as the process.
const struct plimsoll_page_file *plimsoll_page_file(size_t index);

#endif
