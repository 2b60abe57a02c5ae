/// The system calls that a journal makes in its folder; tests put one in its place that fails.
///
/// A write may write less than it was given, and a read may read less: who calls them goes on.
public protocol Storage: AnyObject {
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
    /// Returns when files that were made or renamed in the folder will be there after a loss of power.
    func syncFolder() throws(StorageError)
    /// Gives a file another name, in place of a file that has it.
    func rename(_ name: String, to other: String) throws(StorageError)
    /// Removes a file.
    func remove(_ name: String) throws(StorageError)
    /// The names of all files in the folder, sorted.
    func names() throws(StorageError) -> [String]
}

/// A system call that failed.
public struct StorageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call.
    public var call: String
    /// The file or folder.
    public var path: String
    /// The number that the system gave for it.
    public var code: Int32
    /// What the system says of the number.
    public var words: String

    /// A call that failed.
    public init(call: String, path: String, code: Int32, words: String) {
        self.call = call
        self.path = path
        self.code = code
        self.words = words
    }

    /// The call, the path and the system's words.
    public var description: String { "\(call) of \(path) failed: \(words) (\(code))." }
}

extension Storage {
    /// Writes all bytes, in as many calls as it takes.
    func writeAll(
        _ bytes: UnsafeRawBufferPointer,
        to file: Int32,
        at offset: Int
    ) throws(StorageError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            done += try write(rest, to: file, at: offset + done)
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

    /// Reads `count` bytes, or fewer where the file ends.
    func readAll(_ count: Int, from file: Int32, at offset: Int) throws(StorageError) -> [UInt8] {
        var fault: StorageError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { memory, done in
            do throws(StorageError) {
                while done < count {
                    let rest = UnsafeMutableRawBufferPointer(memory)[done...]
                    let read = try read(
                        into: UnsafeMutableRawBufferPointer(rebasing: rest),
                        from: file,
                        at: offset + done
                    )
                    if read == 0 { return }
                    done += read
                }
            } catch {
                fault = error
            }
        }
        if let fault { throw fault }
        return bytes
    }
}
