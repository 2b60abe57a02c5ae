import Glibc

/// A place between two records of a journal.
public struct Position: Hashable, Sendable {
    /// The event before it; 0: the beginning.
    public var sequence: UInt64
    /// The chain there.
    public var chain: Chain

    /// Before the first record.
    public static let start = Position(sequence: 0, chain: .start)

    /// The place after an event that ends a record.
    public init(sequence: UInt64, chain: Chain) {
        self.sequence = sequence
        self.chain = chain
    }
}

/// Follows a journal from a position while its process writes on: it reads, and never changes anything.
///
/// Whoever uses it says up to which event records are written; nothing beyond is looked at, so that a record that is
/// being written is never seen.
public struct JournalReader: ~Copyable {
    /// What was read last.
    public private(set) var position: Position
    private let folder: String
    private var file: Int32 = -1
    private var name = ""
    private var offset = 0
    /// Bytes of the file from `windowStart` on.
    private var window: [UInt8] = []
    private var windowStart = 0

    private static let windowSize = 1 << 20

    /// A reader of what comes after a position.
    public init(folder: String, after position: Position = .start) {
        self.folder = folder
        self.position = position
    }

    deinit {
        if file >= 0 { close(file) }
    }

    /// Hands on the records up to an event that is written, in order.
    ///
    /// - Throws: `damaged`, that the position is not in this journal, or what `body` throws.
    public mutating func read(
        through last: UInt64,
        _ body: (Record) throws -> Void
    ) throws {
        if file < 0, position.sequence < last { try open() }
        while position.sequence < last {
            guard let (record, chain, size) = try next() else {
                try openNext()
                continue
            }
            offset += size
            position = Position(sequence: record.last, chain: chain)
            try body(record)
        }
    }

    /// Makes durable what was read, whatever the writer does: before a snapshot of it is written.
    public func sync() throws(JournalError) {
        guard file >= 0, fdatasync(file) != 0 else { return }
        throw .storage(
            StorageError(
                call: "fdatasync",
                path: "\(folder)/\(name)",
                code: errno,
                words: String(cString: strerror(errno))
            )
        )
    }

    /// The record at the present place; `nil`: the segment ends.
    private mutating func next() throws -> (Record, Chain, Int)? {
        for isFresh in [false, true] {
            if isFresh { window.removeAll(keepingCapacity: true) }
            guard try fill(Layout.recordHeader) else { return nil }
            let start = offset - windowStart
            let length = Int(window.number(at: start + 4, as: UInt32.self))
            _ = try fill(Layout.recordHeader + Layout.padded(length))
            let found = Record.find(
                in: window,
                at: offset - windowStart,
                expecting: position.sequence + 1,
                after: position.chain
            )
            switch found {
            case .record(let record, let chain, let size): return (record, chain, size)
            case .nothing where isFresh: return nil
            case .bad(let what) where isFresh: throw damage(what)
            // What was read before the record was written.
            case .nothing, .bad: continue
            }
        }
        return nil
    }

    private func damage(_ what: String) -> JournalError {
        .damaged(file: name, offset: offset, sequence: position.sequence + 1, what: what)
    }

    /// Makes the window hold so many bytes from the present place on; `false`: the file ends before.
    private mutating func fill(_ count: Int) throws -> Bool {
        if offset >= windowStart, offset + count <= windowStart + window.count { return true }
        let wanted = max(count, Self.windowSize)
        let (file, offset) = (file, offset)
        var problem: Int32 = 0
        window = [UInt8](unsafeUninitializedCapacity: wanted) { memory, done in
            while done < wanted, let base = memory.baseAddress {
                let read = pread(file, base + done, wanted - done, off_t(offset + done))
                if read < 0, errno == EINTR { continue }
                if read < 0 { problem = errno }
                if read <= 0 { return }
                done += read
            }
        }
        windowStart = offset
        guard problem == 0 else {
            throw JournalError.storage(
                StorageError(
                    call: "pread",
                    path: "\(folder)/\(name)",
                    code: problem,
                    words: String(cString: strerror(problem))
                )
            )
        }
        return window.count >= count
    }

    /// Opens the segment that the position is in, and goes to it.
    private mutating func open() throws {
        let wanted = position
        if wanted.sequence == 0
            || access("\(folder)/\(Layout.name(wanted.sequence + 1))", R_OK) == 0
        {
            try openNext()
            return
        }
        let names = try Self.segments(of: folder)
        let limit = Layout.name(wanted.sequence + 1)
        guard let name = names.last(where: { $0 <= limit }),
            let first = UInt64(name.dropFirst(8).dropLast(3))
        else { throw JournalError.pruned(folder, sequence: wanted.sequence + 1) }
        position = Position(sequence: first - 1, chain: .start)
        try openSegment(name, isFirst: true)
        while position.sequence < wanted.sequence {
            guard let (record, chain, size) = try next() else {
                throw damage("the segment ends before event \(wanted.sequence)")
            }
            offset += size
            position = Position(sequence: record.last, chain: chain)
        }
        guard position == wanted else {
            throw damage(
                "the chain after event \(wanted.sequence) is not the one that was expected"
            )
        }
    }

    /// Opens the segment that begins at the position.
    private mutating func openNext() throws {
        try openSegment(Layout.name(position.sequence + 1), isFirst: false)
    }

    /// Opens a segment; the first one says itself which chain it follows.
    private mutating func openSegment(_ name: String, isFirst: Bool) throws {
        if file >= 0 { close(file) }
        self.name = name
        offset = 0
        window.removeAll(keepingCapacity: true)
        file = Glibc.open("\(folder)/\(name)", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT {
                throw JournalError.pruned(folder, sequence: position.sequence + 1)
            }
            throw JournalError.storage(
                StorageError(
                    call: "open",
                    path: "\(folder)/\(name)",
                    code: errno,
                    words: String(cString: strerror(errno))
                )
            )
        }
        guard try fill(Layout.segmentHeader), window.starts(with: Layout.segmentMagic),
            CRC32C.of(window.prefix(48)) == window.number(at: 48),
            window.number(at: 8, as: UInt64.self) == position.sequence + 1
        else { throw damage("the segment's header is not what follows") }
        let chain = Chain(bytes: Array(window[16..<48]))
        if isFirst {
            position.chain = chain
        } else if chain != position.chain {
            throw damage("the segment does not follow the one before")
        }
        offset = Layout.segmentHeader
    }

    /// The names of a folder's segments, in order.
    private static func segments(of folder: String) throws(JournalError) -> [String] {
        guard let handle = opendir(folder) else {
            throw .storage(
                StorageError(
                    call: "opendir",
                    path: folder,
                    code: errno,
                    words: String(cString: strerror(errno))
                )
            )
        }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if Layout.isSegment(name) { names.append(name) }
        }
        return names.sorted()
    }
}
