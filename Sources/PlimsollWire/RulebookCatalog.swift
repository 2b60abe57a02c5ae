public import Plimsoll

/// Finds rulebooks by id or path, resolves what they extend, and reads them.
///
/// ```swift
/// let catalog = RulebookCatalog.standard()
/// let loaded = try catalog.load("binance-usdm")
/// ```
/// An id is looked for as `<id>.yaml`, `.yml` or `.json` in `directories`, in their order. A name
/// with a `/` or one of these endings is a path: beside the file that names it, else from the
/// working directory.
public struct RulebookCatalog: Sendable {
    /// Where ids are looked for, in this order.
    public let directories: [String]
    private let files: RulebookFiles

    /// Longest chain of rulebooks that extend each other.
    public static let depthLimit = 8

    /// A catalog of the files in `directories`.
    public init(directories: [String]) {
        self.directories = directories
        files = .disk
    }

    /// A catalog of texts by path, for tests and embedded use.
    public init(directories: [String], texts: [String: String]) {
        self.directories = directories
        files = .texts(texts)
    }

    /// The catalog of the command: `PLIMSOLL_RULEBOOKS` (directories, separated by `:`), then
    /// `./rulebooks`, then `rulebooks` in each directory above the program, nearest first.
    public static func standard() -> RulebookCatalog {
        RulebookCatalog(directories: RulebookFiles.standardDirectories())
    }

    /// The ids that `directories` hold, sorted; templates, which begin with `_`, are left out.
    public func ids() -> [String] {
        var ids: Set<String> = []
        for directory in directories {
            for name in files.names(in: directory) where !name.hasPrefix("_") {
                for ending in RulebookFiles.endings where name.hasSuffix(ending) {
                    ids.insert(String(name.dropLast(ending.count)))
                }
            }
        }
        return ids.sorted()
    }

    /// The paths of all rulebooks in `directory`, sorted, templates included.
    public func paths(in directory: String) -> [String] {
        files.names(in: directory)
            .filter { name in RulebookFiles.endings.contains { name.hasSuffix($0) } }
            .sorted()
            .map { "\(directory)/\($0)" }
    }

    /// The rulebook of this id or path.
    public func load(
        _ name: String,
        strictness: RulebookStrictness = .use
    ) throws(InputFaults) -> LoadedRulebook {
        let node = Node(.scalar(name, quoted: false), at: Mark(line: 1, column: 1))
        let path: String
        do {
            path = try locate(name, for: NodeReader(node, file: ""))
        } catch {
            var fault = error
            (fault.file, fault.mark) = (name, nil)
            throw InputFaults(fault)
        }
        return try load(path: path, strictness: strictness)
    }

    /// What a document's field `rulebook` means: an id, a path, or a mapping of its own.
    ///
    /// A mapping has the form of a file; `extends` names what it changes, and it needs no sources.
    public func load(
        _ reader: NodeReader,
        strictness: RulebookStrictness = .use
    ) throws(InputFaults) -> LoadedRulebook {
        guard case .scalar = reader.node.content else {
            return try read(reader, path: nil, strictness: strictness)
        }
        let path: String
        do {
            path = try locate(try reader.name(), for: reader)
        } catch {
            throw InputFaults(error)
        }
        return try load(path: path, strictness: strictness)
    }

    /// What an event file's `rulebookAdopted` means, for the reader of events.
    ///
    /// A reader of events stops at the first fault, so that is the one it hears of.
    public func adopted(_ node: Node, in file: String) throws(InputFault) -> Rulebook {
        let reader = NodeReader(node, file: file, path: "rulebook")
        if let rulebook = try reader.canonicalRulebook() { return rulebook }
        do {
            return try load(reader).rulebook
        } catch {
            throw error.faults.first ?? reader.fault("it is faulty.", remedy: "Check it.")
        }
    }

    /// The rulebook in `bytes`, which came from `file`.
    public func load(
        _ bytes: [UInt8],
        file: String,
        strictness: RulebookStrictness = .use
    ) throws(InputFaults) -> LoadedRulebook {
        do {
            let node = try DocumentText.parse(bytes, file: file)
            return try read(NodeReader(node, file: file), path: nil, strictness: strictness)
        } catch let fault as InputFault {
            throw InputFaults(fault)
        } catch let faults as InputFaults {
            throw faults
        } catch {
            preconditionFailure("Invariant: only faults are thrown, but \(error) was")
        }
    }

    private func load(
        path: String,
        strictness: RulebookStrictness
    ) throws(InputFaults) -> LoadedRulebook {
        let reader: NodeReader
        do {
            reader = try document(path)
        } catch {
            throw InputFaults(error)
        }
        return try read(reader, path: path, strictness: strictness)
    }

    private func document(_ path: String) throws(InputFault) -> NodeReader {
        let bytes = try files.bytes(of: path)
        return NodeReader(try DocumentText.parse(bytes, file: path), file: path)
    }

    private func read(
        _ reader: NodeReader,
        path: String?,
        strictness: RulebookStrictness
    ) throws(InputFaults) -> LoadedRulebook {
        var findings = RulebookFindings(strictness)
        guard findings.mapping(reader) else { throw findings.errors }
        let own = RulebookDraft(reader, findings: &findings)
        var chain = path.map { [$0] } ?? []
        guard let draft = extended(own, chain: &chain, findings: &findings) else {
            throw findings.errors
        }
        var reading = RulebookReading(draft: draft, own: own, path: path, findings: findings)
        var rulebook = reading.rulebook()
        try reading.findings.errors.throwIfAny()
        if own.top["extends"] != nil, own.top["version"] == nil {
            rulebook.version += "+overrides"
        }
        return LoadedRulebook(
            rulebook: rulebook,
            title: reading.title,
            sample: reading.isSample(nil),
            sources: reading.sourceList,
            citations: reading.citationList,
            files: path == nil ? [reader.file] + chain : chain,
            warnings: reading.findings.warnings
        )
    }

    /// `draft` laid over everything it extends; `nil` after a fault.
    private func extended(
        _ draft: RulebookDraft,
        chain: inout [String],
        findings: inout RulebookFindings
    ) -> RulebookDraft? {
        guard let reader = draft.top["extends"] else { return draft }
        guard
            let path = findings.value(
                reader,
                { (reader) throws(InputFault) in
                    let name = try reader.name()
                    // A rulebook's file finds its neighbours first: a folder is whole in itself.
                    if !chain.isEmpty, let path = beside(reader.file, name + ".yaml") {
                        return path
                    }
                    return try locate(name, for: reader)
                }
            )
        else { return nil }
        guard !chain.contains(path) else {
            findings.error(
                reader.fault(
                    "the rulebook extends itself: \((chain + [path]).joined(separator: " → ")).",
                    remedy: "Remove one 'extends' of the circle."
                )
            )
            return nil
        }
        guard chain.count < Self.depthLimit else {
            findings.error(
                reader.fault(
                    "more than \(Self.depthLimit) rulebooks extend each other.",
                    remedy: "Extend one of those nearer to the venue's own."
                )
            )
            return nil
        }
        chain.append(path)
        guard
            let document = findings.value(
                reader,
                { (_) throws(InputFault) in try document(path) }
            ),
            var base = extended(
                RulebookDraft(document, findings: &findings),
                chain: &chain,
                findings: &findings
            )
        else { return nil }
        base.lay(draft)
        return base
    }

    // MARK: Names

    private func locate(_ name: String, for reader: NodeReader) throws(InputFault) -> String {
        if name.contains("/") || RulebookFiles.endings.contains(where: name.hasSuffix) {
            return beside(reader.file, name) ?? name
        }
        for directory in directories {
            for ending in RulebookFiles.endings {
                let path = "\(directory)/\(name)\(ending)"
                if files.exists(path) { return path }
            }
        }
        let known = ids()
        let places = directories.isEmpty ? "no directory" : directories.joined(separator: ", ")
        throw reader.fault(
            "there is no rulebook \(Excerpt.quoted(name)) in \(places).",
            remedy: known.isEmpty
                ? "Set PLIMSOLL_RULEBOOKS to the directory of the rulebooks, or give a path."
                : Spelling.remedy(for: name, among: known, otherwise: "Give a path, or use one of")
        )
    }

    /// The path `name` beside `file`, if there is such a file.
    private func beside(_ file: String, _ name: String) -> String? {
        guard !name.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return nil }
        let path = String(file[...slash]) + name
        return files.exists(path) ? path : nil
    }
}
