/// The snapshots in the folder of a journal.
///
/// A snapshot has its name only when it is whole and durable. It bounds the time of a start: the newest one is read, and
/// of the journal what comes after it. One thread at a time, which need not be the journal's; several may read.
public struct Snapshots<Disk: Storage>: Sendable {
    private let storage: Disk
    private let kept: Int

    /// The snapshots of a folder, of which the newest `kept`, at least one, are kept.
    public init(in storage: Disk, keeping kept: Int = 2) {
        self.storage = storage
        self.kept = max(1, kept)
    }

    /// A snapshot that cannot be used.
    public struct Damaged: Hashable, Sendable, CustomStringConvertible {
        /// The file.
        public var name: String
        /// What is wrong with it.
        public var what: String

        /// The file, and what is wrong with it.
        public var description: String { "\(name) is not used: \(what)." }
    }

    /// The newest snapshot that is whole, and the newer ones that are not.
    public struct Newest: Sendable {
        /// `nil`: there is none, and the journal is to be read from its start.
        public var snapshot: Snapshot?
        /// Newer ones, the newest first, instead of which more of the journal is to be replayed.
        public var damaged: [Damaged] = []
    }

    /// Reads the newest snapshot that is whole.
    ///
    /// Whether it belongs to the journal shows when that is opened after its position.
    ///
    /// - Throws: `storage`.
    public func newest() throws(JournalError) -> Newest {
        var found = Newest()
        for sequence in try sequences().reversed() {
            switch try read(sequence) {
            case .success(let snapshot):
                found.snapshot = snapshot
                return found
            case .failure(let fault):
                let name = Layout.Numbered.snapshot.name(sequence)
                found.damaged.append(Damaged(name: name, what: fault.what))
            }
        }
        return found
    }

    /// Of which event and time each snapshot is, as their headers say, in order; those without one are left out.
    ///
    /// - Throws: `storage`.
    public func places() throws(JournalError) -> [(sequence: UInt64, time: Int64)] {
        var places: [(sequence: UInt64, time: Int64)] = []
        for sequence in try sequences() {
            let header = try calling { () throws(StorageError) -> [UInt8] in
                let name = Layout.Numbered.snapshot.name(sequence)
                guard let file = try storage.open(name, creating: false) else { return [] }
                defer { storage.close(file) }
                return try storage.readAll(Layout.snapshotHeader, from: file, at: 0)
            }
            guard header.count == Layout.snapshotHeader, header.starts(with: Layout.snapshotMagic)
            else { continue }
            places.append((sequence, header.withUnsafeBytes { $0.number(at: 48) }))
        }
        return places
    }

    /// The snapshot of an event; `nil`: it is not whole, or was removed.
    ///
    /// - Throws: `storage`.
    public func snapshot(of sequence: UInt64) throws(JournalError) -> Snapshot? {
        switch try read(sequence) {
        case .success(let snapshot): snapshot
        case .failure: nil
        }
    }

    /// Writes a snapshot of the state at a place, which is durable in the journal, and removes older ones.
    ///
    /// If it fails, those that were there before are there still.
    ///
    /// - Throws: `storage`.
    public func write(
        _ payload: UnsafeRawBufferPointer,
        at position: Position,
        time: Int64
    ) throws(JournalError) {
        precondition(position.sequence > 0, "Invariant: a snapshot is of a state after an event.")
        let header = Snapshot.header(payload, at: position, time: time)
        try calling { () throws(StorageError) in
            try removeUnfinished()
            let file = try storage.make(Layout.unfinishedSnapshot)
            do throws(StorageError) {
                try storage.writeAll(header, to: file, at: 0)
                try storage.writeAll(payload, to: file, at: header.count)
                try storage.sync(file)
            } catch {
                storage.close(file)
                throw error
            }
            storage.close(file)
            try storage.rename(
                Layout.unfinishedSnapshot,
                to: Layout.Numbered.snapshot.name(position.sequence)
            )
            try storage.syncFolder()
        }
        try removeOld()
    }

    /// What a crash has left of one; a longer file would stay behind the next one.
    private func removeUnfinished() throws(StorageError) {
        guard try storage.names().contains(Layout.unfinishedSnapshot) else { return }
        try storage.remove(Layout.unfinishedSnapshot)
    }

    private func removeOld() throws(JournalError) {
        for sequence in try sequences().dropLast(kept) {
            try calling { () throws(StorageError) in
                try storage.remove(Layout.Numbered.snapshot.name(sequence))
            }
        }
    }

    /// The events that there are snapshots of, in order.
    func sequences() throws(JournalError) -> [UInt64] {
        let names = try calling { () throws(StorageError) in try storage.names() }
        return Layout.Numbered.snapshot.numbers(in: names)
    }

    func read(
        _ sequence: UInt64
    ) throws(JournalError) -> Result<Snapshot, Snapshot.Fault> {
        let (header, payload) = try calling { () throws(StorageError) -> ([UInt8], [UInt8]) in
            let name = Layout.Numbered.snapshot.name(sequence)
            guard let file = try storage.open(name, creating: false) else { return ([], []) }
            defer { storage.close(file) }
            let start = Layout.snapshotHeader
            let length = max(0, try storage.size(file) - start)
            let header = try storage.readAll(start, from: file, at: 0)
            return (header, try storage.readAll(length, from: file, at: start))
        }
        return Result { () throws(Snapshot.Fault) in
            try Snapshot(header: header, payload: payload, sequence: sequence)
        }
    }
}

extension Snapshots {
    /// Removes the segments that hold nothing but events before `sequence`.
    ///
    /// The newest segment stays, and so does everything after the oldest snapshot, which is read first: it has to be
    /// whole, for nobody could start without it any more.
    ///
    /// - Returns: the names of the files that were removed.
    /// - Throws: `storage`, or `damaged` if the oldest snapshot is not whole.
    @discardableResult
    public func prune(before sequence: UInt64) throws(JournalError) -> [String] {
        guard let oldest = try sequences().first else { return [] }
        if case .failure(let fault) = try read(oldest) {
            let name = Layout.Numbered.snapshot.name(oldest)
            throw .damaged(file: name, offset: 0, sequence: oldest, what: fault.what)
        }
        return try calling { () throws(StorageError) in
            let segments = Layout.Numbered.segment.numbers(in: try storage.names())
            let limit = min(sequence, oldest + 1)
            var removed: [String] = []
            // A segment ends where the next one begins. The oldest goes first, so that a crash leaves no hole.
            for (first, next) in zip(segments, segments.dropFirst()) where next <= limit {
                let name = Layout.Numbered.segment.name(first)
                try storage.remove(name)
                try storage.syncFolder()
                removed.append(name)
            }
            return removed
        }
    }
}
