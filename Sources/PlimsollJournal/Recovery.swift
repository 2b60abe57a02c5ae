import Glibc

/// What opening a journal found.
public struct Recovery: Hashable, Sendable {
    /// The last event that is there; 0: none.
    public var sequence: UInt64 = 0
    /// The chain after it.
    public var chain = Chain.start
    /// How many bytes behind the last record were cut by a crash, and are dropped; nobody was told that they
    /// were durable.
    public var droppedBytes = 0
    /// Where they were.
    public var droppedAt: String?
    /// One of the head's two slots was cut; the other one was read.
    public var headWasCut = false
}

/// Reads all segments of a folder in order, and says where the last record ends.
struct Scan<Disk: Storage> {
    private let storage: Disk
    private(set) var recovery = Recovery()
    /// The head that was read, and how often it was written.
    private(set) var head = Head(sequence: 0, chain: .start)
    private(set) var headCount: UInt64 = 0
    /// The segment that is written to; `nil`: there is none yet.
    private(set) var last: (name: String, offset: Int, size: Int)?
    /// Segments whose making was cut.
    private(set) var unborn: [String] = []

    /// What is before it is not wanted.
    private var position = Position.start

    init(_ storage: Disk) { self.storage = storage }

    /// Hands on the records after a position; segments before it are not read.
    ///
    /// - Throws: `damaged`, `headless` or `pruned`, and nothing was changed.
    mutating func run(
        after position: Position,
        _ body: (Record) throws -> Void
    ) throws {
        let names = try storage.names()
        let segments = names.filter(Layout.isSegment)
        try readHead(isNeeded: !segments.isEmpty)
        self.position = position
        // The last segment that begins at or before the next event.
        let limit = Layout.name(position.sequence + 1)
        let start = segments.lastIndex { $0 <= limit } ?? 0
        if start < segments.count, position.sequence > 0 {
            try skip(to: segments[start])
        } else if position.sequence > 0 {
            throw JournalError.pruned("journal", sequence: position.sequence + 1)
        }
        for (index, name) in segments.enumerated() where index >= start {
            try scan(name, isLast: index == segments.count - 1, body)
        }
        guard recovery.sequence >= max(head.sequence, position.sequence) else {
            throw damage(last?.name ?? "journal", last?.offset ?? 0, "the records end before it")
        }
    }

    /// Begins with a segment instead of the first one, and takes from it which chain it follows.
    private mutating func skip(to name: String) throws {
        guard let first = UInt64(name.dropFirst(8).dropLast(3)), first <= position.sequence + 1,
            let file = try storage.open(name, creating: false)
        else { throw JournalError.pruned("journal", sequence: position.sequence + 1) }
        defer { storage.close(file) }
        let header = try storage.readAll(Layout.segmentHeader, from: file, at: 0)
        recovery.sequence = first - 1
        if header.count == Layout.segmentHeader {
            recovery.chain = Chain(bytes: Array(header[16..<48]))
        }
        try checkPosition(name, 0)
    }

    /// At the position the chain must be the one that was known there.
    private func checkPosition(_ name: String, _ offset: Int) throws {
        guard recovery.sequence != position.sequence || recovery.chain == position.chain else {
            throw damage(name, offset, "the chain is not that of the snapshot")
        }
    }

    private mutating func readHead(isNeeded: Bool) throws {
        guard let file = try storage.open(Head.name, creating: false) else {
            if isNeeded { throw JournalError.headless("is missing") }
            return
        }
        defer { storage.close(file) }
        let bytes = try storage.readAll(2 * Layout.headSlot, from: file, at: 0)
        guard let read = Head.read(bytes) else {
            // It is made before the first segment, and a crash may have come between.
            if isNeeded { throw JournalError.headless("has no slot that is whole") }
            return
        }
        (head, headCount) = (read.head, read.count)
        recovery.headWasCut = read.whole < 2 && read.count > 1
    }

    private func damage(_ file: String, _ offset: Int, _ what: String) -> JournalError {
        .damaged(file: file, offset: offset, sequence: recovery.sequence + 1, what: what)
    }

    private mutating func scan(
        _ name: String,
        isLast: Bool,
        _ body: (Record) throws -> Void
    ) throws {
        guard let file = try storage.open(name, creating: false) else {
            throw damage(name, 0, "the file is gone")
        }
        defer { storage.close(file) }
        let bytes = try storage.readAll(try storage.size(file), from: file, at: 0)
        let next = recovery.sequence + 1
        var header = Layout.segmentMagic
        header.put(next)
        header.append(contentsOf: recovery.chain.bytes)
        header.put(CRC32C.of(header))
        header.append(contentsOf: repeatElement(0, count: Layout.segmentHeader - header.count))
        guard name == Layout.name(next), bytes.starts(with: header) else {
            // Nothing is written to a segment before its header is durable.
            guard isLast, head.sequence <= recovery.sequence, name == Layout.name(next),
                bytes.lastNonzero(from: Layout.segmentHeader) == nil
            else { throw damage(name, 0, "the segment's header is not what follows") }
            unborn.append(name)
            return
        }
        var offset = Layout.segmentHeader
        reading: while true {
            let found = Record.find(
                in: bytes,
                at: offset,
                expecting: recovery.sequence + 1,
                after: recovery.chain
            )
            switch found {
            case .record(let record, let chain, let size):
                recovery.sequence = record.last
                recovery.chain = chain
                offset += size
                if recovery.sequence == head.sequence, chain != head.chain {
                    throw damage(name, offset, "the chain is not that of the head")
                }
                try checkPosition(name, offset)
                if record.first > position.sequence { try body(record) }
            case .nothing: break reading
            case .bad(let what):
                guard isLast, head.sequence <= recovery.sequence else {
                    throw damage(name, offset, what)
                }
                break reading
            }
        }
        if let end = bytes.lastNonzero(from: offset) {
            guard isLast, head.sequence <= recovery.sequence else {
                throw damage(name, offset, "there is something behind the last record")
            }
            recovery.droppedBytes = end + 1 - offset
            recovery.droppedAt = name
        }
        last = (name, offset, bytes.count)
    }
}

extension [UInt8] {
    /// Where the last byte is that is not zero, from `start` on; `nil`: there is none.
    ///
    /// Nearly all of a new segment is zero, and every start looks at all of it: a loop over its bytes takes
    /// seconds in a build for debugging.
    fileprivate func lastNonzero(from start: Int) -> Int? {
        let zeros = [UInt8](repeating: 0, count: 1 << 16)
        return withUnsafeBytes { bytes in
            var end = bytes.count
            while end > start {
                let begin = Swift.max(start, end - zeros.count)
                let part = UnsafeRawBufferPointer(rebasing: bytes[begin..<end])
                let isZero = zeros.withUnsafeBytes { zeros in
                    guard let one = part.baseAddress, let two = zeros.baseAddress else {
                        return true
                    }
                    return memcmp(one, two, part.count) == 0
                }
                if !isZero { return part.lastIndex { $0 != 0 }.map { begin + $0 } }
                end = begin
            }
            return nil
        }
    }
}
