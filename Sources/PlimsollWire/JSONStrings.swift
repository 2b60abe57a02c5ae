// Strings: unescaped, valid UTF-8, without raw control characters.
extension JSONParser {
    /// The string at the current quote, unescaped.
    mutating func string() throws(InputFault) -> String {
        let opening = mark
        position += 1
        let start = position
        var isASCII = true
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                // Validation costs a generic call; plain ASCII needs none.
                let text =
                    isASCII
                    ? String(decoding: bytes[start..<position], as: UTF8.self)
                    : String(validating: bytes[start..<position], as: UTF8.self)
                guard let text else { throw notUTF8(at: opening) }
                position += 1
                return text
            }
            isASCII = isASCII && byte < 0x80
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start, at: opening) }
            try advance(over: byte)
        }
        throw unclosed(at: opening)
    }

    /// Moves over one byte of a string that is neither a quote nor a backslash.
    @inline(__always)
    private mutating func advance(over byte: UInt8) throws(InputFault) {
        if byte < 0x20 { throw control(byte) }
        if byte & 0xc0 == 0x80 { lineStart += 1 }
        position += 1
    }

    private mutating func escapedString(
        from start: Int,
        at opening: Mark
    ) throws(InputFault) -> String {
        var unescaped = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                guard let text = String(validating: unescaped, as: UTF8.self) else {
                    throw notUTF8(at: opening)
                }
                position += 1
                return text
            }
            if byte == UInt8(ascii: "\\") {
                unescaped.append(contentsOf: try escape().utf8)
            } else {
                try advance(over: byte)
                unescaped.append(byte)
            }
        }
        throw unclosed(at: opening)
    }

    private mutating func escape() throws(InputFault) -> String {
        let start = mark
        position += 1
        guard position < bytes.count else { throw ended("an escaped character") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape(at: start)
        default:
            position -= 1
            let shown = excerpt()
            throw fault(
                "\(shown) behind a backslash is not an escape of JSON.",
                remedy: "Write \\\\ for a backslash.",
                at: start
            )
        }
    }

    private mutating func unicodeEscape(at start: Mark) throws(InputFault) -> String {
        var value = try hexadecimal(at: start)
        if value & 0xfc00 == 0xd800 {
            guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                bytes[position + 1] == UInt8(ascii: "u")
            else { throw halfSurrogate(at: start) }
            position += 2
            let low = try hexadecimal(at: start)
            guard low & 0xfc00 == 0xdc00 else { throw halfSurrogate(at: start) }
            value = 0x10000 + (value & 0x3ff) << 10 + (low & 0x3ff)
        }
        guard let scalar = Unicode.Scalar(value) else { throw halfSurrogate(at: start) }
        guard value != 0 else { throw control(0, at: start) }
        return String(scalar)
    }

    private mutating func hexadecimal(at start: Mark) throws(InputFault) -> UInt32 {
        guard position + 4 <= bytes.count else { throw ended("four hexadecimal digits") }
        var value: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default:
                throw fault(
                    "a \\u escape is not followed by four hexadecimal digits.",
                    remedy: "Write \\u and four digits, such as \\u00e9.",
                    at: start
                )
            }
            value = value << 4 | UInt32(digit)
        }
        position += 4
        return value
    }

    private func halfSurrogate(at mark: Mark) -> InputFault {
        fault(
            "a \\u escape is half of a surrogate pair.",
            remedy: "Write both halves, or the character itself in UTF-8.",
            at: mark
        )
    }

    private func notUTF8(at mark: Mark) -> InputFault {
        fault("the text is not valid UTF-8.", remedy: "Save the file as UTF-8.", at: mark)
    }

    private func unclosed(at mark: Mark) -> InputFault {
        fault(
            "the text that starts here has no closing quote.",
            remedy: "Complete it; a file or line that ends like this was cut off.",
            at: mark
        )
    }

    private func control(_ byte: UInt8, at mark: Mark? = nil) -> InputFault {
        fault(
            "a text has the control character U+\(byte < 0x10 ? "000" : "00")"
                + "\(String(byte, radix: 16)) in it.",
            remedy: byte == 0 ? "Remove it." : "Remove it, or escape it, such as \\n or \\t.",
            at: mark
        )
    }
}
