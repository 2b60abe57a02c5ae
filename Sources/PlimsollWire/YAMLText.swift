import Yams

/// YAML to `Node`: scalars stay text, and nothing that makes a file hard to read is allowed.
///
/// Refused: anchors with aliases, tags, a key that is there twice, more than one document, nesting
/// deeper than 64, scalars beyond 64 KiB, files beyond 16 MiB.
///
/// The parser below gives up at 1,000 levels of its own accord and needs about 1.5 MB of stack for
/// them, so this is not called on a thread with a small stack.
public enum YAMLText {
    /// How deep lists and mappings may be nested.
    public static let depthLimit = 64
    /// Longest scalar, in bytes of UTF-8.
    public static let scalarLimit = 65_536
    /// Largest file, in bytes.
    public static let sizeLimit = 16_777_216

    /// The one document in `bytes`.
    public static func parse(_ bytes: [UInt8], file: String) throws(InputFault) -> Node {
        guard bytes.count <= sizeLimit else {
            throw InputFault(
                file: file,
                mark: nil,
                problem: "the file is \(bytes.count) bytes long, more than \(sizeLimit).",
                remedy: "Split it, or give the data as an event file."
            )
        }
        let scan = YAMLScan(bytes: bytes, file: file)
        let text = try scan.text()
        try scan.refuseAliases()
        // Without a resolver's rules keys are compared as text and no regular expression runs.
        let composed: Yams.Node?
        do {
            composed = try Yams.compose(yaml: text, .basic, .default, .utf8)
        } catch let error as YamlError {
            throw fault(of: error, file: file)
        } catch {
            throw InputFault(
                file: file,
                mark: nil,
                problem: "the file is not YAML: \(Excerpt.quoted("\(error)")).",
                remedy: "Correct it."
            )
        }
        guard let composed else {
            throw InputFault(
                file: file,
                mark: nil,
                problem: "the file is empty.",
                remedy: "Write at least one `name: value` line."
            )
        }
        return try Conversion(file: file).node(composed, depth: 0)
    }

    private static func fault(of error: YamlError, file: String) -> InputFault {
        switch error {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _):
            let nesting =
                problem.hasPrefix("Maximum nesting") || context?.text.hasPrefix("Maxi") == true
            if nesting { return tooDeep(file: file, at: Mark(mark)) }
            return InputFault(
                file: file,
                mark: Mark(mark),
                problem: context.map {
                    "\(problem) \($0.text) that starts at line \($0.mark.line)."
                } ?? "\(problem).",
                remedy: "Correct the YAML here or just before: indentation, quotes, brackets."
            )
        case .composer(_, let problem, let mark, _):
            return InputFault(
                file: file,
                mark: Mark(mark),
                problem: problem == "but found another document"
                    ? "a second document starts here." : "\(problem).",
                remedy: problem == "but found another document"
                    ? "Keep one document in a file." : "Write the value itself."
            )
        case .duplicatedKeysInMapping(let keys, let context):
            return InputFault(
                file: file,
                mark: Mark(context.mark),
                problem: "the key \(Excerpt.quoted(keys.first ?? "")) is there twice.",
                remedy: "Keep one of them."
            )
        case .no, .memory, .reader, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            return InputFault(
                file: file,
                mark: nil,
                problem: "the file could not be read as YAML.",
                remedy: "Save it as UTF-8, without control characters."
            )
        }
    }

    fileprivate static func tooDeep(file: String, at mark: Mark?) -> InputFault {
        InputFault(
            file: file,
            mark: mark,
            problem: "the nesting is deeper than \(depthLimit) levels.",
            remedy: "No file of Plimsoll needs so many; check indentation and brackets."
        )
    }
}

/// Text files by their names: `.json` is JSON, `.yaml` and `.yml` are YAML.
public enum DocumentText {
    /// The one value in `bytes`.
    ///
    /// A text of another name, such as standard input, is JSON if it starts with a bracket and is
    /// valid JSON, otherwise YAML.
    public static func parse(_ bytes: [UInt8], file: String) throws(InputFault) -> Node {
        if file.hasSuffix(".json") { return try JSONText.parse(bytes, file: file) }
        let isYAML = file.hasSuffix(".yaml") || file.hasSuffix(".yml")
        guard !isYAML, let first = bytes.first(where: { $0 > 0x20 }),
            first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        else { return try YAMLText.parse(bytes, file: file) }
        do {
            return try JSONText.parse(bytes, file: file)
        } catch let problemAsJSON {
            do {
                return try YAMLText.parse(bytes, file: file)
            } catch {
                throw problemAsJSON
            }
        }
    }
}

extension Mark {
    fileprivate init(_ mark: Yams.Mark) {
        self.init(line: mark.line, column: mark.column)
    }
}

/// Yams' tree to ours.
private struct Conversion {
    let file: String

    func node(_ node: Yams.Node, depth: Int) throws(InputFault) -> Node {
        let mark = node.mark.map { Mark($0) } ?? Mark(line: 1, column: 1)
        switch node {
        case .scalar(let scalar):
            return Node(try content(of: scalar, at: mark), at: mark)
        case .sequence(let sequence):
            guard depth < YAMLText.depthLimit else { throw YAMLText.tooDeep(file: file, at: mark) }
            try refuseTag(sequence.tag, at: mark)
            var nodes: [Node] = []
            nodes.reserveCapacity(sequence.count)
            for element in sequence { nodes.append(try self.node(element, depth: depth + 1)) }
            return Node(.sequence(nodes), at: mark)
        case .mapping(let mapping):
            guard depth < YAMLText.depthLimit else { throw YAMLText.tooDeep(file: file, at: mark) }
            try refuseTag(mapping.tag, at: mark)
            var entries: [(key: Node, value: Node)] = []
            entries.reserveCapacity(mapping.count)
            for (key, value) in mapping {
                entries.append(
                    (try self.key(key), try self.node(value, depth: depth + 1))
                )
            }
            return Node(.mapping(entries), at: mark)
        case .alias: throw YAMLScan.alias(file: file, at: mark, name: "")
        }
    }

    /// A key is a text, even where it looks like null: an asset may be called `null`.
    private func key(_ key: Yams.Node) throws(InputFault) -> Node {
        let mark = key.mark.map { Mark($0) } ?? Mark(line: 1, column: 1)
        guard case .scalar(let scalar) = key, !scalar.string.isEmpty else {
            throw InputFault(
                file: file,
                mark: mark,
                problem: "a key is empty, a list or a mapping.",
                remedy: "Use a plain name as the key."
            )
        }
        _ = try content(of: scalar, at: mark)
        return Node(.scalar(scalar.string, quoted: scalar.style != .plain), at: mark)
    }

    private func content(
        of scalar: Yams.Node.Scalar,
        at mark: Mark
    ) throws(InputFault) -> Node.Content {
        let text = scalar.string
        try refuseTag(scalar.tag, at: mark)
        guard text.utf8.count <= YAMLText.scalarLimit else {
            throw InputFault(
                file: file,
                mark: mark,
                problem: "the text \(Excerpt.quoted(text)) is \(text.utf8.count) bytes long, "
                    + "more than \(YAMLText.scalarLimit).",
                remedy: "Shorten it."
            )
        }
        guard scalar.style == .plain else { return .scalar(text, quoted: true) }
        if text.isEmpty || text == "~" || text == "null" { return .null }
        return .scalar(text, quoted: false)
    }

    /// Yams gives quoted scalars and keys the tag of a string; any other tag was written.
    private func refuseTag(_ tag: Tag, at mark: Mark) throws(InputFault) {
        if tag == Tag.implicit || tag.description == Tag.Name.str.rawValue { return }
        throw InputFault(
            file: file,
            mark: mark,
            problem: "the value has the tag \(Excerpt.quoted(tag.description)).",
            remedy: "Remove the tag; Plimsoll knows the type from the field."
        )
    }
}
