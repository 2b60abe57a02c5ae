import PlimsollJournal
import TestSupport

/// A folder in memory that knows what is on the disk and what is not yet, and can fail.
///
/// It is used by one thread, whatever the protocol allows.
final class MemoryStorage: Storage, @unchecked Sendable {
    /// A file: what is read, and what would be left after a loss of power.
    final class File {
        var content: [UInt8] = []
        var durable: [UInt8] = []
        /// Sectors of which the system knows that they are not on the disk yet.
        var dirty: Set<Int> = []

        static let sector = 512

        /// Notes that bytes were written from an offset on.
        func soil(_ range: Range<Int>) {
            guard !range.isEmpty else { return }
            dirty.formUnion(range.lowerBound / Self.sector...(range.upperBound - 1) / Self.sector)
        }

        /// Brings to the disk what the system knows of.
        func flush() {
            if durable.count < content.count {
                durable += [UInt8](repeating: 0, count: content.count - durable.count)
            }
            for number in dirty {
                let start = number * Self.sector
                let range = start..<min(start + Self.sector, content.count)
                durable.replaceSubrange(range, with: content[range])
            }
            dirty.removeAll()
        }
    }

    enum Fault: CaseIterable {
        case error
        case full
        case short
    }

    private(set) var files: [String: File] = [:]
    private var durableNames: [String: File] = [:]
    private var handles: [File] = []
    private(set) var calls = 0
    /// The call that fails, counted from 1.
    var failure: (call: Int, fault: Fault)?
    /// All calls after it fail too.
    var failsForGood = false
    /// The call that was to fail has come.
    private(set) var hasFailed = false
    /// What was called, in order.
    private(set) var log: [String] = []

    /// A folder with these files, all of them durable.
    init(_ files: [String: [UInt8]] = [:]) {
        for (name, content) in files {
            let file = File()
            file.content = content
            file.durable = content
            self.files[name] = file
        }
        durableNames = self.files
    }

    /// The folder as a killed process leaves it: everything written is there.
    var afterKill: MemoryStorage { MemoryStorage(files.mapValues(\.content)) }

    /// The folder after a loss of power: of what was not synced each sector of 512 bytes is there or not, and so is
    /// each name.
    func afterPowerLoss(_ random: inout SplitMix64) -> MemoryStorage {
        var left: [String: [UInt8]] = [:]
        let names = Set(files.keys).union(durableNames.keys).sorted()
        for name in names {
            let (now, before) = (files[name], durableNames[name])
            guard let file = before ?? (random.chance(50) ? now : nil) else { continue }
            if now == nil, random.chance(50) { continue }
            left[name] = Self.mixed(file, &random)
        }
        return MemoryStorage(left)
    }

    private static func mixed(_ file: File, _ random: inout SplitMix64) -> [UInt8] {
        var bytes = file.durable
        guard file.content != file.durable else { return bytes }
        if random.chance(80), file.content.count > bytes.count {
            bytes += [UInt8](repeating: 0, count: file.content.count - bytes.count)
        }
        for start in stride(from: 0, to: min(bytes.count, file.content.count), by: 512)
        where random.chance(50) {
            let range = start..<min(start + 512, bytes.count, file.content.count)
            bytes.replaceSubrange(range, with: file.content[range])
        }
        return bytes
    }

    var content: [String: [UInt8]] { files.mapValues(\.content) }

    /// Whether the present call goes through, and in full.
    private func isWhole(_ call: String) throws(StorageError) -> Bool {
        calls += 1
        log.append(call)
        guard let failure else { return true }
        guard failure.call == calls || failsForGood && failure.call < calls else { return true }
        hasFailed = true
        switch failure.fault {
        case .error: throw StorageError(call: call, path: "", code: 5, words: "input/output error")
        case .full: throw StorageError(call: call, path: "", code: 28, words: "no space left")
        case .short: return false
        }
    }

    func open(_ name: String, creating: Bool) throws(StorageError) -> Int32? {
        _ = try isWhole("open")
        if files[name] == nil {
            guard creating else { return nil }
            files[name] = File()
        }
        guard let file = files[name] else { return nil }
        handles.append(file)
        return Int32(handles.count - 1)
    }

    func close(_ file: Int32) {}

    func size(_ file: Int32) throws(StorageError) -> Int {
        _ = try isWhole("fstat")
        return handles[Int(file)].content.count
    }

    func write(
        _ bytes: UnsafeRawBufferPointer,
        to file: Int32,
        at offset: Int
    ) throws(StorageError) -> Int {
        let count = try isWhole("pwrite") ? bytes.count : (bytes.count + 1) / 2
        let file = handles[Int(file)]
        file.soil(min(offset, file.content.count)..<offset + count)
        if file.content.count < offset + count {
            let missing = offset + count - file.content.count
            file.content.append(contentsOf: repeatElement(0, count: missing))
        }
        file.content.replaceSubrange(offset..<offset + count, with: bytes.prefix(count))
        return count
    }

    func read(
        into memory: UnsafeMutableRawBufferPointer,
        from file: Int32,
        at offset: Int
    ) throws(StorageError) -> Int {
        let isWhole = try isWhole("pread")
        let rest = handles[Int(file)].content.dropFirst(offset)
        let count = min(memory.count, rest.count)
        let read = isWhole ? count : (count + 1) / 2
        memory.copyBytes(from: rest.prefix(read))
        return read
    }

    func sync(_ file: Int32) throws(StorageError) {
        let file = handles[Int(file)]
        do {
            _ = try isWhole("fdatasync")
        } catch {
            // As Linux does: what could not be written counts as written from then on, and the error is told once.
            file.dirty.removeAll()
            throw error
        }
        file.flush()
    }

    func syncFolder() throws(StorageError) {
        _ = try isWhole("fsync")
        durableNames = files
    }

    func rename(_ name: String, to other: String) throws(StorageError) {
        _ = try isWhole("rename")
        files[other] = files.removeValue(forKey: name)
    }

    func remove(_ name: String) throws(StorageError) {
        _ = try isWhole("unlink")
        files[name] = nil
    }

    func names() throws(StorageError) -> [String] {
        _ = try isWhole("opendir")
        return files.keys.sorted()
    }
}
