// W5 without a database: one write into a file that was filled with zeros before, and one fdatasync.
// Usage: w5_raw FOLDER BYTES
#include <fcntl.h>
#include <unistd.h>

#include "w5.h"

enum { FILE_SIZE = 64 << 20 };

static int file;
static off_t offset;
static char rows[LARGEST_ROW * LARGEST_BATCH];

static void prepare(int batch) {
    for (int index = 0; index < batch; index++)
        memcpy(rows + (size_t)index * row_size, row, (size_t)row_size);
}

static void commit(int batch) {
    size_t size = (size_t)batch * row_size;
    if (offset + (off_t)size > FILE_SIZE) offset = 0;
    require(pwrite(file, rows, size, offset) == (ssize_t)size, "raw", "a write failed");
    require(fdatasync(file) == 0, "raw", "a sync failed");
    offset += (off_t)size;
}

int main(int count, char **words) {
    require(count == 3, "usage", "w5_raw FOLDER BYTES");
    make_row(words[2]);
    char path[4096];
    snprintf(path, sizeof path, "%s/raw", words[1]);
    file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    require(file >= 0, path, "cannot be made");
    static char zeros[1 << 20];
    for (off_t done = 0; done < FILE_SIZE; done += sizeof zeros)
        require(pwrite(file, zeros, sizeof zeros, done) == sizeof zeros, path, "cannot be filled");
    require(fdatasync(file) == 0, path, "cannot be synced");
    return take_turns(prepare, commit);
}
