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

/// Makes a system call's failure one of the journal.
func calling<Result>(
    _ body: () throws(StorageError) -> Result
) throws(JournalError) -> Result {
    do throws(StorageError) {
        return try body()
    } catch {
        throw .storage(error)
    }
}
