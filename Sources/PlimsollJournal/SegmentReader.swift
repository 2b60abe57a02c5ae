/// Reads the records of one segment, from the front, and checks all of them.
///
/// A record is looked at by `find` and passed by `pass`, so that one that is not wanted yet can be left for later.
final class SegmentReader<Disk: Storage> {
    let name: String
    /// How many bytes the file has.
    let size: Int
    /// Where the next record begins.
    private(set) var offset = Layout.segmentHeader
    /// Where the next record is in the journal.
    private(set) var position: Position
    private let header: SegmentHeader
    /// What the checksums of its records begin with.
    var seed: UInt32 { header.checksum }
    private let storage: Disk
    private let file: Int32
    private let window: ReadWindow

    /// What is where a record may begin.
    enum Found {
        case record(Record, size: Int)
        /// Nothing was written here.
        case nothing
        /// Something was, and it is no record that may be here.
        case bad(String)
    }

    /// Opens the segment of an event, and checks its header.
    ///
    /// - Throws: `damaged` also if there is none.
    init(first: UInt64, in storage: Disk, _ window: ReadWindow) throws(JournalError) {
        let name = Layout.Numbered.segment.name(first)
        func damage(_ what: String) -> JournalError {
            .damaged(file: name, offset: 0, sequence: first, what: what)
        }
        (self.storage, self.window, self.name) = (storage, window, name)
        let opened = try calling { () throws(StorageError) in
            try storage.open(name, creating: false)
        }
        guard let file = opened else { throw damage("the file is gone") }
        do throws(JournalError) {
            size = try calling { () throws(StorageError) in try storage.size(file) }
            window.forget()
            let bytes = try calling { () throws(StorageError) in
                try window.bytes(at: 0, count: Layout.segmentHeader, of: file, in: storage)
            }
            guard let bytes, let header = SegmentHeader(bytes, first: first) else {
                throw damage("the segment's header is not what it was")
            }
            (self.header, self.position) = (header, header.position)
        } catch {
            storage.close(file)
            throw error
        }
        self.file = file
    }

    /// Opens the file of another reader at its place.
    init(at other: SegmentReader, _ window: ReadWindow) throws(JournalError) {
        let storage = other.storage
        let name = other.name
        let opened = try calling { () throws(StorageError) in
            try storage.open(name, creating: false)
        }
        guard let opened else {
            throw .damaged(
                file: name,
                offset: other.offset,
                sequence: other.position.sequence + 1,
                what: "the file is gone"
            )
        }
        (self.storage, self.window, self.name, file) = (storage, window, name, opened)
        (size, header) = (other.size, other.header)
        (offset, position) = (other.offset, other.position)
    }

    deinit { storage.close(file) }

    /// Reads from the file again, in which more may have been written since.
    func refresh() { window.forget() }

    /// Goes behind a record that was found.
    func pass(_ record: Record, size: Int) {
        offset += size
        position = record.end
    }

    private func bytes(_ count: Int, at offset: Int) throws(JournalError) -> UnsafeRawBufferPointer?
    {
        try calling { () throws(StorageError) in
            try window.bytes(at: offset, count: count, of: file, in: storage)
        }
    }

    /// Looks at the place where the next record may begin.
    func find() throws(JournalError) -> Found {
        let rest = size - offset
        guard let front = try bytes(min(rest, Layout.recordHeader), at: offset) else {
            return .bad("the file ends early")
        }
        guard front.lastNonZero != nil else { return .nothing }
        guard let header = RecordHeader(front, seed: seed) else {
            return .bad("no record begins here, or its header's checksum is wrong")
        }
        guard header.size <= rest else { return .bad("the record is longer than its segment") }
        guard header.first == position.sequence + 1 else {
            return .bad("the record's number does not follow")
        }
        guard let bytes = try bytes(header.size, at: offset) else {
            return .bad("the file ends early")
        }
        let end = Layout.recordHeader + header.length
        let payload = bytes.part(Layout.recordHeader..<end)
        let chain = position.chain.after(bytes.part(0..<RecordHeader.chained), payload)
        guard chain == Chain(bytes, at: 40) else { return .bad("the chain does not fit") }
        guard bytes.part(end..<header.size).lastNonZero == nil else {
            return .bad("what follows the payload is not zero")
        }
        let record = Record(
            first: header.first,
            count: header.count,
            time: header.time,
            payload: payload,
            end: Position(sequence: header.first - 1 + UInt64(header.count), chain: chain)
        )
        return .record(record, size: header.size)
    }

    /// How many bytes there are from here to the last one that is not zero.
    func bytesBehind() throws(JournalError) -> Int {
        var last = 0
        var place = offset
        while place < size {
            let count = min(1 << 16, size - place)
            guard let bytes = try bytes(count, at: place) else { break }
            if let found = bytes.lastNonZero { last = place + found + 1 - offset }
            place += count
        }
        return last
    }

    /// The last event of which one of the next bytes' records says that it was durable; 0: none says so.
    func durableBehind(_ count: Int) throws(JournalError) -> UInt64 {
        var durable: UInt64 = 0
        for place in stride(from: offset + 8, to: offset + count, by: 8)
        where place + Layout.recordHeader <= size {
            guard let bytes = try bytes(Layout.recordHeader, at: place) else { break }
            guard let header = RecordHeader(bytes, seed: seed),
                header.first > position.sequence
            else { continue }
            durable = max(durable, header.durable)
        }
        return durable
    }
}
