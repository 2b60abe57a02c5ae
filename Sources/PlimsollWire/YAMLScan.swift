/// What is checked before a YAML parser sees the bytes.
struct YAMLScan {
    let bytes: [UInt8]
    let file: String

    /// The text, if it is UTF-8 and has only characters that YAML allows.
    func text() throws(InputFault) -> String {
        var lead = bytes[...]
        if lead.starts(with: [0xef, 0xbb, 0xbf]) { lead = lead.dropFirst(3) }
        guard let text = String(validating: lead, as: UTF8.self) else {
            throw InputFault(
                file: file,
                mark: mark(of: invalidOffset()),
                problem: "the file is not valid UTF-8.",
                remedy: "Save it as UTF-8."
            )
        }
        var mark = Mark(line: 1, column: 1)
        for scalar in text.unicodeScalars {
            guard isAllowed(scalar.value) else {
                let code = String(scalar.value, radix: 16)
                throw InputFault(
                    file: file,
                    mark: mark,
                    problem: "the file has the control character U+"
                        + String(repeating: "0", count: max(0, 4 - code.utf8.count)) + code
                        + " in it.",
                    remedy: "Remove it."
                )
            }
            if scalar == "\n" {
                mark = Mark(line: mark.line + 1, column: 1)
            } else {
                mark.column += 1
            }
        }
        return text
    }

    /// The printable characters of YAML 1.1, chapter 5.1; others fail later, without a place.
    private func isAllowed(_ value: UInt32) -> Bool {
        switch value {
        case 0x20..<0x7f, 0x9, 0xa, 0xd, 0x85, 0xa0..<0xfeff, 0xff00...0xfffd: true
        case 0x10000...: true
        default: false
        }
    }

    /// Refuses an alias whose anchor exists.
    ///
    /// A few aliases can stand for more values than memory holds, and a parser that hashes keys
    /// would never end. An alias needs an anchor of the same name, so a `*name` is refused only if
    /// there is an `&name` too, wherever they are: a scan that decided what is a comment or a text
    /// could be deceived.
    func refuseAliases() throws(InputFault) {
        var anchors: Set<ArraySlice<UInt8>> = []
        for name in names(behind: UInt8(ascii: "&")) { anchors.insert(name) }
        guard !anchors.isEmpty else { return }
        for name in names(behind: UInt8(ascii: "*")) where anchors.contains(name) {
            throw Self.alias(
                file: file,
                at: mark(of: name.startIndex - 1),
                name: String(decoding: name, as: UTF8.self)
            )
        }
    }

    static func alias(file: String, at mark: Mark, name: String) -> InputFault {
        InputFault(
            file: file,
            mark: mark,
            problem: "the value is an alias, \(Excerpt.quoted("*" + name)).",
            remedy: "Write the value itself; anchors and aliases are not used."
        )
    }

    /// Every longest run of name characters behind `indicator`.
    private func names(behind indicator: UInt8) -> [ArraySlice<UInt8>] {
        var names: [ArraySlice<UInt8>] = []
        for index in bytes.indices where bytes[index] == indicator {
            let name = bytes[(index + 1)...].prefix(while: isNameByte)
            if !name.isEmpty { names.append(name) }
        }
        return names
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// The first byte that is not part of a character.
    private func invalidOffset() -> Int {
        var decoder = UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch decoder.parseScalar(from: &iterator) {
            case .valid(let encoded): offset += encoded.count
            case .error, .emptyInput: return offset
            }
        }
    }

    private func mark(of offset: Int) -> Mark {
        var mark = Mark(line: 1, column: 1)
        for byte in bytes[..<min(offset, bytes.count)] {
            if byte == UInt8(ascii: "\n") {
                mark = Mark(line: mark.line + 1, column: 1)
            } else if byte & 0xc0 != 0x80 {
                mark.column += 1
            }
        }
        return mark
    }
}
