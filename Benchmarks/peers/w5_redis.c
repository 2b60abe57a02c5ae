// W5 in a Redis stream, with its file synced at every write: a group is one transaction, sent at once.
// Usage: w5_redis SOCKET BYTES
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "w5.h"

static int connection;
static char request[LARGEST_BATCH * (LARGEST_ROW + 100)];
static size_t request_size;

static void add(const char *text) {
    size_t size = strlen(text);
    memcpy(request + request_size, text, size);
    request_size += size;
}

static void send_request(void) {
    for (size_t done = 0; done < request_size;) {
        ssize_t sent = write(connection, request + done, request_size - done);
        require(sent > 0, "redis", "the connection broke");
        done += (size_t)sent;
    }
}

// Reads answers of so many lines; one that begins with '-' is an error.
static void receive_lines(int lines) {
    static char answer[1 << 16];
    char last = '\n';
    while (lines > 0) {
        ssize_t size = read(connection, answer, sizeof answer - 1);
        require(size > 0, "redis", "the connection broke");
        answer[size] = 0;
        for (ssize_t index = 0; index < size; last = answer[index++]) {
            require(last != '\n' || answer[index] != '-', "redis", answer + index);
            if (answer[index] == '\n') lines--;
        }
    }
}

static void prepare(int batch) {
    request_size = 0;
    add("*2\r\n$3\r\nDEL\r\n$6\r\nevents\r\n");
    send_request();
    receive_lines(1);
    request_size = 0;
    if (batch > 1) add("*1\r\n$5\r\nMULTI\r\n");
    for (int index = 0; index < batch; index++) {
        char head[100];
        snprintf(head, sizeof head, "*5\r\n$4\r\nXADD\r\n$6\r\nevents\r\n$1\r\n*\r\n$1\r\nb\r\n$%d\r\n",
                 row_size);
        add(head);
        memcpy(request + request_size, row, (size_t)row_size);
        request_size += (size_t)row_size;
        add("\r\n");
    }
    if (batch > 1) add("*1\r\n$4\r\nEXEC\r\n");
}

static void commit(int batch) {
    send_request();
    // An id is two lines; a transaction answers each of its commands first, and has two lines more.
    receive_lines(batch > 1 ? 3 * batch + 2 : 2);
}

int main(int count, char **words) {
    require(count == 3, "usage", "w5_redis SOCKET BYTES");
    make_row(words[2]);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    require(strlen(words[1]) < sizeof address.sun_path, words[1], "is too long for a socket");
    strcpy(address.sun_path, words[1]);
    connection = socket(AF_UNIX, SOCK_STREAM, 0);
    require(connect(connection, (struct sockaddr *)&address, sizeof address) == 0, words[1],
            "cannot be reached");
    return take_turns(prepare, commit);
}
