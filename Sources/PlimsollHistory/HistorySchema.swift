import GRDB

/// The tables of the file.
enum HistorySchema {
    /// What the file is, in its header: "Plim".
    static let application = 0x506c_696d
    /// Another version is made anew.
    static let version = 1

    /// Makes the tables of an empty file.
    static func create(_ db: Database, journal: String) throws {
        try db.execute(
            sql: """
                PRAGMA application_id = \(application);
                PRAGMA user_version = \(version);
                CREATE TABLE state (
                    one INTEGER PRIMARY KEY CHECK (one = 1),
                    journal TEXT NOT NULL,
                    sequence INTEGER NOT NULL
                );
                CREATE TABLE decisions (
                    place INTEGER PRIMARY KEY,
                    time INTEGER NOT NULL,
                    type TEXT NOT NULL,
                    json TEXT NOT NULL
                );
                CREATE TABLE concerned (
                    account INTEGER NOT NULL,
                    place INTEGER NOT NULL,
                    PRIMARY KEY (account, place)
                ) WITHOUT ROWID;
                CREATE TABLE movements (
                    place INTEGER PRIMARY KEY,
                    time INTEGER NOT NULL,
                    type TEXT NOT NULL,
                    account INTEGER,
                    json TEXT NOT NULL
                );
                CREATE INDEX movementsOfAccount ON movements (account) WHERE account IS NOT NULL;
                CREATE TABLE liquidations (
                    number INTEGER PRIMARY KEY,
                    account INTEGER NOT NULL,
                    accountName TEXT NOT NULL,
                    pool TEXT NOT NULL,
                    symbol TEXT,
                    startedAt INTEGER NOT NULL,
                    endedAt INTEGER,
                    outcome TEXT,
                    orders INTEGER NOT NULL,
                    closed TEXT NOT NULL,
                    asset TEXT,
                    loss TEXT NOT NULL,
                    paidByFund TEXT NOT NULL,
                    firstSequence INTEGER NOT NULL,
                    lastSequence INTEGER NOT NULL,
                    instrument INTEGER,
                    working TEXT NOT NULL
                );
                CREATE INDEX liquidationsOfAccount ON liquidations (account);
                CREATE INDEX liquidationsOfSymbol ON liquidations (symbol);
                CREATE INDEX openLiquidations ON liquidations (number) WHERE endedAt IS NULL;
                CREATE TABLE samples (
                    account INTEGER NOT NULL,
                    time INTEGER NOT NULL,
                    sequence INTEGER NOT NULL,
                    equity TEXT NOT NULL,
                    maintenance TEXT NOT NULL,
                    ratio TEXT,
                    wallet TEXT NOT NULL,
                    PRIMARY KEY (account, time)
                ) WITHOUT ROWID;
                """
        )
        try db.execute(sql: "INSERT INTO state VALUES (1, ?, 0)", arguments: [journal])
    }

    /// What makes a file unusable, in words; `nil`: it can be gone on with.
    static func fault(_ db: Database, journal: String, end: UInt64) throws -> String? {
        let found = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        guard found == application else { return "it is not a history" }
        let number = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard number == version else { return "its form is \(number), not \(version)" }
        let check = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? "no answer"
        guard check == "ok" else { return "it is damaged: \(check)" }
        guard let state = try Row.fetchOne(db, sql: "SELECT journal, sequence FROM state") else {
            return "it does not say how far it goes"
        }
        guard state[0] == journal else { return "it was made from another journal" }
        let sequence = UInt64(clamping: state[1] as Int64)
        return sequence <= end
            ? nil : "it goes to event \(sequence), and the journal ends at \(end)"
    }
}
