/// The system calls that a journal makes in its folder; tests put one in its place that fails.
///
/// A write may write less than it was given, and a read may read less: who calls them goes on. Several threads call
/// at once: one that writes the journal, one that fills the next segment, others that read.
public protocol Storage: AnyObject, Sendable {
    /// Opens a file for reading and writing; `nil`: there is none, and none was to be made.
    func open(_ name: String, creating: Bool) throws(StorageError) -> Int32?
    /// Closes a file.
    func close(_ file: Int32)
    /// How many bytes a file has.
    func size(_ file: Int32) throws(StorageError) -> Int
    /// Writes bytes at an offset, and says how many.
    func write(
        _ bytes: UnsafeRawBufferPointer,
        to file: Int32,
        at offset: Int
    ) throws(StorageError) -> Int
    /// Reads bytes at an offset, and says how many; 0: the file ends there.
    func read(
        into memory: UnsafeMutableRawBufferPointer,
        from file: Int32,
        at offset: Int
    ) throws(StorageError) -> Int
    /// Returns when what was written to a file is on the disk.
    func sync(_ file: Int32) throws(StorageError)
    /// Another way to write to an open file that is zero from `end` on; `nil`: there is none in this folder.
    func direct(_ file: Int32, end: Int) throws(StorageError) -> DirectFile?
    /// Returns when files that were made or renamed in the folder will be there after a loss of power.
    func syncFolder() throws(StorageError)
    /// Gives a file another name, in place of a file that has it.
    func rename(_ name: String, to other: String) throws(StorageError)
    /// Removes a file.
    func remove(_ name: String) throws(StorageError)
    /// The names of all files in the folder, sorted.
    func names() throws(StorageError) -> [String]
}

extension Storage {
    /// There is none.
    public func direct(_ file: Int32, end: Int) throws(StorageError) -> DirectFile? { nil }

    /// Opens a file, which is made if there is none.
    func make(_ name: String) throws(StorageError) -> Int32 {
        guard let file = try open(name, creating: true) else {
            throw StorageError(call: "open", path: name, code: 0, words: "no file was made")
        }
        return file
    }

    /// Writes all bytes, in as many calls as it takes.
    func writeAll(
        _ bytes: UnsafeRawBufferPointer,
        to file: Int32,
        at offset: Int
    ) throws(StorageError) {
        var done = 0
        while done < bytes.count {
            let written = try write(bytes.part(done..<bytes.count), to: file, at: offset + done)
            guard written > 0 else {
                throw StorageError(call: "write", path: "", code: 0, words: "nothing was written")
            }
            done += written
        }
    }

    func writeAll(_ bytes: [UInt8], to file: Int32, at offset: Int) throws(StorageError) {
        let fault: StorageError? = bytes.withUnsafeBytes { bytes in
            do throws(StorageError) {
                try writeAll(bytes, to: file, at: offset)
                return nil
            } catch {
                return error
            }
        }
        if let fault { throw fault }
    }

    /// Writes zeros, a piece at a time.
    func writeZeros(_ range: Range<Int>, to file: Int32) throws(StorageError) {
        let zeros = [UInt8](repeating: 0, count: min(range.count, 1 << 20))
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = min(zeros.count, range.upperBound - offset)
            try writeAll(count < zeros.count ? Array(zeros[..<count]) : zeros, to: file, at: offset)
            offset += count
        }
    }

    /// Fills memory, or less where the file ends, and says how much.
    func readAll(
        into memory: UnsafeMutableRawBufferPointer,
        from file: Int32,
        at offset: Int
    ) throws(StorageError) -> Int {
        var done = 0
        while done < memory.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: memory[done...])
            let read = try read(into: rest, from: file, at: offset + done)
            if read == 0 { break }
            done += read
        }
        return done
    }

    /// Reads `count` bytes, or fewer where the file ends.
    func readAll(_ count: Int, from file: Int32, at offset: Int) throws(StorageError) -> [UInt8] {
        var fault: StorageError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { memory, done in
            do throws(StorageError) {
                let memory = UnsafeMutableRawBufferPointer(memory)
                done = try readAll(
                    into: UnsafeMutableRawBufferPointer(rebasing: memory[..<count]),
                    from: file,
                    at: offset
                )
            } catch {
                fault = error
            }
        }
        if let fault { throw fault }
        return bytes
    }
}
