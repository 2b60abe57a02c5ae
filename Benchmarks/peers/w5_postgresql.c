// W5 in PostgreSQL: one prepared statement per group, whose rows the server makes of one, and commits.
// Usage: w5_postgresql FOLDER-OF-THE-SOCKET BYTES
#include <arpa/inet.h>
#include <libpq-fe.h>

#include "w5.h"

static PGconn *connection;

static void finish(PGresult *result, ExecStatusType wanted) {
    require(PQresultStatus(result) == wanted, "postgresql", PQerrorMessage(connection));
    PQclear(result);
}

static void prepare(int batch) {
    (void)batch;
    finish(PQexec(connection, "TRUNCATE events"), PGRES_COMMAND_OK);
}

static void commit(int batch) {
    uint32_t rows = htonl((uint32_t)batch);
    const char *values[] = {row, (const char *)&rows};
    const int sizes[] = {row_size, sizeof rows}, formats[] = {1, 1};
    finish(PQexecPrepared(connection, "insert", 2, values, sizes, formats, 1), PGRES_COMMAND_OK);
}

int main(int count, char **words) {
    require(count == 3, "usage", "w5_postgresql FOLDER BYTES");
    make_row(words[2]);
    const char *names[] = {"host", "user", "dbname", 0};
    const char *values[] = {words[1], "postgres", "postgres", 0};
    connection = PQconnectdbParams(names, values, 0);
    require(PQstatus(connection) == CONNECTION_OK, "postgresql", PQerrorMessage(connection));
    PGresult *setting = PQexec(connection, "SHOW synchronous_commit");
    require(PQntuples(setting) == 1 && !strcmp(PQgetvalue(setting, 0, 0), "on"), "postgresql",
            "synchronous_commit is not on");
    PQclear(setting);
    finish(PQexec(connection, "CREATE TABLE events(sequence bigserial PRIMARY KEY, body bytea)"),
           PGRES_COMMAND_OK);
    finish(PQprepare(connection, "insert",
                     "INSERT INTO events(body) SELECT $1::bytea FROM generate_series(1, $2::int)",
                     0, 0),
           PGRES_COMMAND_OK);
    return take_turns(prepare, commit);
}
