// W5 in SQLite: a write-ahead log, synchronous=FULL, one prepared insert per row, a transaction per group.
// Usage: w5_sqlite FOLDER BYTES
#include <sqlite3.h>

#include "w5.h"

static sqlite3 *database;
static sqlite3_stmt *insert;

static void run(const char *text) {
    require(sqlite3_exec(database, text, 0, 0, 0) == SQLITE_OK, text, sqlite3_errmsg(database));
}

static void prepare(int batch) { (void)batch; }

static void commit(int batch) {
    run("BEGIN");
    for (int index = 0; index < batch; index++) {
        sqlite3_bind_blob(insert, 1, row, row_size, SQLITE_STATIC);
        require(sqlite3_step(insert) == SQLITE_DONE, "insert", sqlite3_errmsg(database));
        sqlite3_reset(insert);
    }
    run("COMMIT");
}

static int is_full(void *found, int columns, char **values, char **names) {
    (void)columns, (void)names;
    *(int *)found = atoi(values[0]) == 2;
    return 0;
}

int main(int count, char **words) {
    require(count == 3, "usage", "w5_sqlite FOLDER BYTES");
    make_row(words[2]);
    char path[4096];
    snprintf(path, sizeof path, "%s/events.db", words[1]);
    require(sqlite3_open(path, &database) == SQLITE_OK, path, sqlite3_errmsg(database));
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=FULL");
    int full = 0;
    sqlite3_exec(database, "PRAGMA synchronous", is_full, &full, 0);
    require(full, "sqlite", "synchronous is not FULL");
    run("CREATE TABLE events(sequence INTEGER PRIMARY KEY, body BLOB)");
    require(sqlite3_prepare_v2(database, "INSERT INTO events(body) VALUES(?)", -1, &insert, 0) ==
                SQLITE_OK,
            "insert", sqlite3_errmsg(database));
    return take_turns(prepare, commit);
}
