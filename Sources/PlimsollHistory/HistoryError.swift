/// Why the read models cannot be opened, written or read.
package enum HistoryError: Error, Hashable, Sendable {
    /// The file cannot be opened, read or written.
    case storage(String, words: String)
    /// The disk is full.
    case full(String)
    /// The file is damaged, and was not when it was opened.
    case damaged(String, words: String)
    /// Another process writes the file.
    case inUse(String)
    /// Events were left out.
    case gap(expected: UInt64, found: UInt64)
    /// A question has a value that is not allowed.
    case question(name: String, value: String, allowed: String)
    /// It was closed.
    case closed
}

extension HistoryError: CustomStringConvertible {
    /// What is wrong, where, and what to do.
    package var description: String {
        switch self {
        case .storage(let path, let words):
            "\(path) cannot be used: \(words). Correct that and start again: what is missing is read "
                + "from the journal."
        case .full(let path):
            "The disk is full: \(path) is not written any more. Make room and start again: what is "
                + "missing is read from the journal."
        case .damaged(let path, let words):
            "\(path) is damaged: \(words). Start again: it is set aside and made anew from the journal."
        case .inUse(let path):
            "\(path) is in use by another process. Stop it, or name another folder."
        case .gap(let expected, let found):
            "Event \(found) was noted where \(expected) comes next. Replay from \(expected)."
        case .question(let name, let value, let allowed):
            "\(name) is \(value). Allowed is \(allowed)."
        case .closed:
            "The history is closed."
        }
    }
}
