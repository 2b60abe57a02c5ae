import Plimsoll

// The document as a whole, and what its figures rest on.
extension RulebookReading {
    /// The name and version of the form that this reader knows.
    static let format = "plimsoll-rulebook-1"

    mutating func checkDocument(_ rulebook: Rulebook) {
        if let reader = draft.top["format"] {
            if let format = findings.text(reader), format != Self.format {
                findings.error(
                    reader.fault(
                        "the format is \(Excerpt.quoted(format)), not '\(Self.format)'.",
                        remedy:
                            "Write 'format: \(Self.format)'; docs/formats/rulebooks.md explains it."
                    )
                )
            }
        } else if findings.strictness == .check {
            _ = findings.required("format", in: own.top)
        }
        _ = findings.boolean(draft.top["sample"])
        _ = findings.text(draft.top["title"])
        for (_, section) in draft.parts { _ = findings.boolean(section["sample"]) }
        checkConversion(rulebook)
        guard findings.strictness == .check else { return }
        _ = findings.required("title", in: own.top)
        checkID(rulebook.id)
        checkSources()
        checkCollateral(rulebook)
    }

    private mutating func checkID(_ id: String) {
        guard let path, let reader = own.top["id"] else { return }
        var name = path.split(separator: "/").last.map(String.init) ?? path
        for ending in RulebookFiles.endings where name.hasSuffix(ending) {
            name = String(name.dropLast(ending.count))
        }
        guard name != id else { return }
        findings.error(
            reader.fault(
                "the id is \(Excerpt.quoted(id)), but the file is named \(Excerpt.quoted(name)).",
                remedy: "Make them equal: rulebooks are found by their file's name."
            )
        )
    }

    private mutating func checkSources() {
        for key in own.sources.names {
            if let section = own.sources[key] { checkSource(section) }
        }
        let known = draft.sources.names
        var used = checkCitation(of: own.top, known: known)
        for (_, section) in own.parts { used.formUnion(checkCitation(of: section, known: known)) }
        for key in own.sources.names where !used.contains(key) {
            guard let section = own.sources[key] else { continue }
            findings.warn(
                section.place.fault(
                    "no part of the rulebook names this source.",
                    remedy: "Name it with 'source: \(key)', or remove it."
                )
            )
        }
    }

    private mutating func checkSource(_ section: RulebookSection) {
        _ = findings.text(findings.required("what", in: section))
        for key in ["url", "path", "note"] { _ = findings.text(section[key]) }
        if !section.uses(["url", "path"]) {
            findings.error(
                section.place.fault(
                    "the source has neither 'url' nor 'path'.",
                    remedy: "Say where it is: an address, or a repository and a path."
                )
            )
        }
        if !section.uses(["published", "read"]) {
            findings.error(
                section.place.fault(
                    "the source has neither 'published' nor 'read'.",
                    remedy: "Give at least one date, such as 'read: 2026-11-22'."
                )
            )
        }
        for key in ["published", "read"] {
            guard let reader = section[key], let date = findings.text(reader) else { continue }
            if !UTCMoment.isDate(date) {
                findings.error(
                    reader.fault(
                        "\(Excerpt.quoted(date)) is not a date.",
                        remedy: "Write a day as 2026-11-22 or a month as 2026-11."
                    )
                )
            }
        }
    }

    private mutating func checkCitation(
        of section: RulebookSection,
        known: [String]
    ) -> Set<String> {
        guard section["source"] != nil else {
            findings.error(
                section.place.fault(
                    "the figures name no source.",
                    remedy: "Add 'source' with a key of 'sources'."
                )
            )
            return []
        }
        var used: Set<String> = []
        for reader in citations(of: section) {
            guard let key = findings.text(reader) else { continue }
            used.insert(key)
            if !known.contains(key) {
                findings.error(
                    reader.fault(
                        "'sources' has no entry \(Excerpt.quoted(key)).",
                        remedy: Spelling.remedy(
                            for: key,
                            among: known,
                            otherwise: "Add it to 'sources', or use one of"
                        )
                    )
                )
            }
        }
        return used
    }

    /// One key, or a list of keys.
    private func citations(of section: RulebookSection) -> [NodeReader] {
        guard let reader = section["source"] else { return [] }
        return (try? reader.list()) ?? [reader]
    }

    private mutating func checkCollateral(_ rulebook: Rulebook) {
        guard rulebook.collateralModes.contains(.multiAsset) else { return }
        let listed = Set(rulebook.collateral.map(\.asset))
        // An asset without an entry is owned for nothing, so its margin would never count.
        for rules in rulebook.instruments where !listed.contains(rules.settle) {
            guard let section = draft.instruments[rules.symbol] else { continue }
            findings.error(
                (section["settle"] ?? section.place).fault(
                    "it settles in \(Excerpt.quoted(rules.settle)), which 'collateral' does not "
                        + "list: in multi-asset mode such margin counts nothing.",
                    remedy: "Add the asset to 'collateral', or correct 'settle'."
                )
            )
        }
    }

    // MARK: What is handed on

    /// The title; the id where there is none.
    var title: String {
        (try? draft.top["title"]?.scalar()) ?? (try? draft.top["id"]?.scalar()) ?? "inline"
    }

    /// The entries of `sources`, as far as they can be read.
    var sourceList: [RulebookSource] {
        draft.sources.names.compactMap { key in
            guard let section = draft.sources[key] else { return nil }
            func text(_ field: String) -> String? { try? section[field]?.scalar() }
            return RulebookSource(
                key: key,
                what: text("what") ?? "",
                place: text("url") ?? text("path") ?? "",
                published: text("published"),
                read: text("read"),
                note: text("note")
            )
        }
    }

    /// The sources that each part names; the document itself has the empty path.
    var citationList: [RulebookCitation] {
        ([("", draft.top)] + draft.parts).map { path, section in
            RulebookCitation(
                path: path,
                sources: citations(of: section).compactMap { try? $0.scalar() },
                sample: isSample(section)
            )
        }
    }
}
