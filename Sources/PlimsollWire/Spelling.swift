/// The part of an input that a message shows: short, and harmless to a terminal.
package enum Excerpt {
    /// Longest excerpt, in characters.
    package static let limit = 40

    /// `text` in single quotes, at most 40 characters, control characters escaped.
    package static func quoted(_ text: some StringProtocol) -> String {
        var result = "'"
        var count = 0
        for scalar in text.unicodeScalars {
            if count == limit {
                result += "…"
                break
            }
            if isControl(scalar) {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
            count += 1
        }
        return result + "'"
    }

    /// `text` in single quotes, from bytes that need not be valid UTF-8.
    package static func quoted(_ bytes: some Collection<UInt8>) -> String {
        quoted(String(decoding: bytes.prefix(4 * limit), as: UTF8.self))
    }

    /// Whether `text` has a control character in it.
    static func hasControl(_ text: String) -> Bool {
        for byte in text.utf8 where byte < 0x20 || byte == 0x7f || byte >= 0xc2 {
            // Only ASCII has been ruled out: look at the characters.
            return text.unicodeScalars.contains(where: isControl)
        }
        return false
    }

    /// ASCII and C1 controls, line separators, and marks that turn the direction of text.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029, 0x202a...0x202e, 0x2066...0x2069: true
        default: false
        }
    }
}

/// What a misspelt word may have meant.
package enum Spelling {
    /// How many candidates are looked at, so that an error stays cheap among many accounts.
    static let candidateLimit = 10_000

    /// The nearest of `candidates` with at most two insertions, deletions or changes.
    package static func nearest(to word: String, among candidates: some Sequence<String>) -> String?
    {
        let wanted = Array(word.utf8)
        guard wanted.count <= 64 else { return nil }
        var best: (distance: Int, candidate: String)?
        for candidate in candidates.prefix(candidateLimit) {
            guard abs(candidate.utf8.count - wanted.count) <= 2 else { continue }
            let distance = distance(wanted, Array(candidate.utf8))
            // A word of two letters is two changes away from every other one.
            guard distance <= 2, distance < max(wanted.count, 2) else { continue }
            if distance < best?.distance ?? 3 { best = (distance, candidate) }
        }
        return best?.candidate
    }

    /// "Did you mean 'x'?", or the known words behind `otherwise`.
    static func remedy(for word: String, among known: [String], otherwise: String) -> String {
        if let near = nearest(to: word, among: known) { return "Did you mean '\(near)'?" }
        guard known.count <= 40 else { return "Correct its spelling." }
        return "\(otherwise) \(known.map { "'\($0)'" }.joined(separator: ", "))."
    }

    /// The number of insertions, deletions, changes and swaps of neighbours between two words.
    static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var least = min(last[j + 1], row[j]) + 1
                least = min(least, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    least = min(least, beforeLast[j - 1] + 1)
                }
                row.append(least)
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
