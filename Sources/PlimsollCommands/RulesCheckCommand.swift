internal import ArgumentParser
import Plimsoll
import PlimsollReports
import PlimsollWire

/// `plimsoll rules check`.
struct RulesCheckCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Every fault of rulebook files at once, with place, value and remedy.",
        discussion: "Without files, all rulebooks that can be named are checked."
    )

    static let examples = [
        "plimsoll rules check", "plimsoll rules check rulebooks/binance-usdm.yaml --json",
    ]

    @OptionGroup var options: GlobalOptions

    @Argument(help: "Files or ids of rulebooks.")
    var files: [String] = []

    /// What one file came to.
    private struct Finding {
        var file: String
        var loaded: LoadedRulebook?
        var faults = InputFaults()
    }

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        let catalog = RulebookCatalog.standard()
        let names = files.isEmpty ? shipped(catalog) : files
        guard !names.isEmpty else {
            throw .notFound(
                problem:
                    "there are no rulebooks in \(catalog.directories.joined(separator: ", ")).",
                remedy: "Name the files, or set PLIMSOLL_RULEBOOKS to their directory."
            )
        }
        var findings: [Finding] = []
        for name in names {
            var finding = Finding(file: name)
            do throws(InputFaults) {
                finding.loaded = try catalog.load(name, strictness: .check)
            } catch {
                finding.faults = error
            }
            findings.append(finding)
        }
        if options.json {
            var writer = JSONWriter(pretty: true)
            write(findings, to: &writer)
            console.print(writer.bytes)
        } else {
            print(findings, console)
        }
        return findings.contains { !$0.faults.isEmpty } ? .invalidInput : .success
    }

    /// The rulebooks of the first directory that has any.
    private func shipped(_ catalog: RulebookCatalog) -> [String] {
        for directory in catalog.directories {
            let paths = catalog.paths(in: directory)
            if !paths.isEmpty { return paths }
        }
        return []
    }

    private func print(_ findings: [Finding], _ console: Console) {
        for finding in findings {
            guard let loaded = finding.loaded else {
                console.error(finding.faults.description)
                let count = finding.faults.faults.count + finding.faults.omitted
                console.print(
                    "\(finding.file): " + console.inked(NumberText.times(count, "fault"), .redBold)
                )
                continue
            }
            for warning in loaded.warnings { console.note("warning: \(warning.description)") }
            console.print(
                "\(finding.file): " + console.inked("ok", .green)
                    + ", " + NumberText.times(loaded.rulebook.instruments.count, "instrument")
                    + (loaded.warnings.isEmpty
                        ? "" : ", " + NumberText.times(loaded.warnings.count, "warning"))
            )
        }
    }

    private func write(_ findings: [Finding], to writer: inout JSONWriter) {
        writer.object { object in
            object.field("ok", boolean: findings.allSatisfy { $0.faults.isEmpty })
            object.key("files")
            object.array { array in
                for finding in findings {
                    array.object { entry in
                        entry.field("file", finding.file)
                        entry.field("ok", boolean: finding.faults.isEmpty)
                        entry.key("faults")
                        entry.faults(finding.faults.faults)
                        entry.field("omitted", number: finding.faults.omitted)
                        entry.key("warnings")
                        entry.faults(finding.loaded?.warnings ?? [])
                    }
                }
            }
        }
    }
}

extension JSONWriter {
    /// Writes faults with their places.
    mutating func faults(_ faults: [InputFault]) {
        array { array in
            for fault in faults {
                array.object { object in
                    object.field("file", fault.file)
                    object.key("line")
                    if let mark = fault.mark { object.number(mark.line) } else { object.null() }
                    object.key("column")
                    if let mark = fault.mark { object.number(mark.column) } else { object.null() }
                    object.field("path", fault.path)
                    object.field("problem", fault.problem)
                    object.field("remedy", fault.remedy)
                }
            }
        }
    }

    /// Writes what identifies a rulebook.
    mutating func rulebookHead(_ loaded: LoadedRulebook) {
        field("id", loaded.rulebook.id)
        field("version", loaded.rulebook.version)
        field("hash", loaded.rulebook.fingerprint.hex)
        field("title", loaded.title)
        field("sample", boolean: loaded.sample)
    }
}

extension RulebookValue {
    /// The value of `key` in a mapping.
    subscript(key: String) -> RulebookValue? {
        guard case .mapping(let fields) = self else { return nil }
        return fields.first { $0.key == key }?.value
    }

    /// The value as indented lines; lists and mappings of single values stand in one line.
    var lines: [String] {
        guard case .mapping(let fields) = self else { return [inline ?? ""] }
        var lines: [String] = []
        for field in fields { lines += Self.lines(field.key, field.value) }
        return lines
    }

    private static func lines(_ key: String, _ value: RulebookValue) -> [String] {
        if let inline = value.inline, inline.count + key.count < 98 { return ["\(key): \(inline)"] }
        switch value {
        case .list(let values):
            return ["\(key):"] + values.flatMap(\.elementLines)
        case .mapping: return ["\(key):"] + value.lines.map { "  \($0)" }
        case .text, .number, .boolean, .null: return ["\(key): \(value.inline ?? "")"]
        }
    }

    /// The value as an element of a list; one that has more levels takes several lines.
    private var elementLines: [String] {
        if let inline { return ["  - \(inline)"] }
        return lines.enumerated().map { ($0 == 0 ? "  - " : "    ") + $1 }
    }

    private var isSingle: Bool {
        switch self {
        case .text, .number, .boolean, .null: true
        case .list, .mapping: false
        }
    }

    /// The value in one line, if it has no more than one level.
    private var inline: String? {
        switch self {
        case .text(let text), .number(let text): return text
        case .boolean(let boolean): return boolean ? "true" : "false"
        case .null: return "–"
        case .list(let values):
            guard values.allSatisfy(\.isSingle) else { return nil }
            return "[" + values.compactMap(\.inline).joined(separator: ", ") + "]"
        case .mapping(let fields):
            guard fields.allSatisfy({ $0.value.isSingle }) else { return nil }
            return "{"
                + fields.map { "\($0.key): \($0.value.inline ?? "")" }
                .joined(separator: ", ") + "}"
        }
    }
}
