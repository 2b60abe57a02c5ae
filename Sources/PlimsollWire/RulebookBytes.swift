package import Plimsoll

// A rulebook in an event that was exported from a journal: the rules themselves, as the journal keeps them, so that
// the event means the same wherever the files of the rulebooks have gone on since.

extension JSONWriter {
    /// Writes a rulebook as `{"id", "version", "hash", "canonical"}`, which `RulebookCatalog.adopted` reads.
    package mutating func canonical(_ rulebook: Rulebook) {
        object { object in
            object.field("id", rulebook.id)
            object.field("version", rulebook.version)
            object.field("hash", Self.hex(rulebook.fingerprint))
            object.field("canonical", HexText.text(rulebook.canonicalBytes))
        }
    }

    private static func hex(_ value: UInt128) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 32 - digits.utf8.count) + digits
    }

    /// Whether a hash is that of a rulebook.
    fileprivate static func isHash(_ text: String, of rulebook: Rulebook) -> Bool {
        text == hex(rulebook.fingerprint)
    }
}

extension NodeReader {
    /// The rules that an exported event has in it; `nil`: it names its rulebook in another way.
    ///
    /// They are as sound as whoever wrote them: a server compares them with rules that it knows.
    package func canonicalRulebook() throws(InputFault) -> Rulebook? {
        guard let canonical = optional("canonical") else { return nil }
        try allow(["id", "version", "hash", "canonical"])
        let hash = try required("hash").scalar()
        guard let bytes = HexText.bytes(try canonical.scalar()),
            let rulebook = try? Rulebook(canonicalBytes: bytes),
            JSONWriter.isHash(hash, of: rulebook)
        else {
            throw canonical.fault(
                "the rules are not those that were written.",
                remedy: "Export the event again with 'plimsoll journal export'."
            )
        }
        return rulebook
    }
}

/// Bytes as hexadecimal digits.
private enum HexText {
    static func text(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(2 * bytes.count)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of a text; `nil`: it is none of pairs of digits.
    static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[place]), let low = value(digits[place + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
