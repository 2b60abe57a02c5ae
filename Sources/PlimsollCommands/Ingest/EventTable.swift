import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// A table of events: its header names their fields, its rows are one event each.
///
/// It is read once to see that every row has the form of an event, and again to be sent: what is wrong in the last
/// row stops the first one too.
struct EventTable: EventSource {
    private let file: String
    private let kind: EventKind?
    private var lines: LineReader
    private var header: [String] = []

    /// Fields that are amounts, prices or rates.
    private static let decimals: Set<String> = [
        "amount", "price", "quantity", "rate", "notional", "walletBalance", "entryPrice",
        "leverage",
        "isolatedMargin", "sold", "bought", "buyerFee", "sellerFee", "counterpartyFee", "remaining",
    ]
    private static let times: Set<String> = ["time", "at"]
    private static let common = ["type", "time", "at", "id", "source", "sequence", "venue"]

    var bytesRead: Int { lines.bytesRead }
    var size: Int? { lines.size }

    /// The table in a file, whose rows are of this type unless a column says it.
    init(file: String, type: String?) throws(InputFaults) {
        guard file != "-" else {
            throw InputFaults(
                InputFault(
                    file: file,
                    mark: nil,
                    problem: "a table is read twice, and standard input can be read once.",
                    remedy: "Name a file."
                )
            )
        }
        self.file = file
        do throws(InputFault) {
            kind = try type.map { (word) throws(InputFault) in try Self.kind(word, file, line: nil)
            }
            lines = try LineReader(path: file)
        } catch {
            throw InputFaults(error)
        }
        try check()
        do throws(InputFault) {
            lines = try LineReader(path: file)
            header = try readHeader()
        } catch {
            throw InputFaults(error)
        }
    }

    private mutating func check() throws(InputFaults) {
        var faults = InputFaults()
        do throws(InputFault) {
            header = try readHeader()
            while let line = try nextLine() {
                do throws(InputFault) {
                    _ = try event(line)
                } catch {
                    faults.add(error)
                }
            }
        } catch {
            faults.add(error)
        }
        try faults.throwIfAny()
    }

    mutating func next() throws(InputFault) -> (node: Node, line: Int)? {
        guard let line = try nextLine() else { return nil }
        return (try event(line), line.number)
    }

    /// The next line with anything in it.
    private func nextLine() throws(InputFault) -> LineReader.Line? {
        while let line = try lines.next() {
            if line.bytes.contains(where: { $0 != 0x20 && $0 != 0x09 }) { return line }
        }
        return nil
    }

    private func readHeader() throws(InputFault) -> [String] {
        guard let line = try nextLine() else {
            throw fault(1, "the table is empty.", "Write a header: time,symbol,price.")
        }
        var bytes = line.bytes
        // Spreadsheets put a byte order mark before everything.
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes.removeFirst(3) }
        let names = try CSVText.cells(bytes, file: file, number: line.number).map(Self.trimmed)
        if let twice = names.first(where: { name in names.count(where: { $0 == name }) > 1 }) {
            throw fault(
                line.number,
                "the column \(Excerpt.quoted(twice)) is there twice.",
                "Keep one of them."
            )
        }
        guard names.contains("type") || kind != nil else {
            throw fault(
                line.number,
                "nothing says what the rows are.",
                "Write --type marked, filled or another event, or a column 'type'."
            )
        }
        return names
    }

    // MARK: Rows

    /// The event of a row.
    private func event(_ line: LineReader.Line) throws(InputFault) -> Node {
        let cells = try CSVText.cells(line.bytes, file: file, number: line.number)
        guard cells.count == header.count else {
            throw fault(
                line.number,
                "the row has \(NumberText.times(cells.count, "cell")), and the header "
                    + "\(header.count).",
                "Write one cell for each column; an empty cell is a field that is missing."
            )
        }
        var fields: [(key: String, value: String)] = []
        for (name, cell) in zip(header, cells.map(Self.trimmed)) where !cell.isEmpty {
            fields.append((name, try value(cell, of: name, line.number)))
        }
        if !header.contains("type"), let kind { fields.insert(("type", kind.rawValue), at: 0) }
        try check(fields, line.number)
        let mark = Mark(line: line.number, column: 1)
        let entries = fields.map { field in
            // Truths are words of JSON; all else may be a text.
            (
                key: Node(.scalar(field.key, quoted: true), at: mark),
                value: Node(.scalar(field.value, quoted: field.key != "reduceOnly"), at: mark)
            )
        }
        return Node(.mapping(entries), at: mark)
    }

    private func check(
        _ fields: [(key: String, value: String)],
        _ line: Int
    ) throws(InputFault) {
        guard let word = fields.first(where: { $0.key == "type" })?.value else {
            throw fault(line, "the row has no 'type'.", "Write what it is, such as marked.")
        }
        let kind = try Self.kind(word, file, line: line)
        let allowed = Self.common + kind.fields
        if let other = fields.first(where: { !allowed.contains($0.key) }) {
            throw fault(
                line,
                "\(kind.rawValue) has no field \(Excerpt.quoted(other.key)).",
                Spelling.nearest(to: other.key, among: allowed).map { "Did you mean '\($0)'?" }
                    ?? "It has \(kind.fields.joined(separator: ", "))."
            )
        }
        guard fields.contains(where: { $0.key == "time" }) else {
            throw fault(line, "the row has no 'time'.", "Write UTC or milliseconds.")
        }
    }

    /// A cell as the value of its field.
    private func value(
        _ cell: String,
        of name: String,
        _ line: Int
    ) throws(InputFault) -> String {
        if Self.times.contains(name) {
            guard let moment = Moment.timestamp(cell) else {
                throw fault(
                    line,
                    "\(Excerpt.quoted(cell)) is not a time.",
                    "Write 2025-10-10T21:17:42.318Z, or milliseconds."
                )
            }
            return DecimalText.string(Int128(moment.nanoseconds), scale: 6)
        }
        if Self.decimals.contains(name), (try? DecimalText.units(cell, scale: 16)) == nil {
            throw fault(
                line,
                "the \(name) \(Excerpt.quoted(cell)) is not a number.",
                "Write digits with a point, without separators: 61234.5."
            )
        }
        if name == "sequence", UInt64(cell) == nil {
            throw fault(
                line,
                "the sequence \(Excerpt.quoted(cell)) is not a whole number.",
                "Number the events of a source 1, 2, 3 and so on."
            )
        }
        if name == "reduceOnly", cell != "true", cell != "false" {
            throw fault(line, "\(Excerpt.quoted(cell)) is no truth.", "Write true or false.")
        }
        return cell
    }

    private static func kind(
        _ word: String,
        _ file: String,
        line: Int?
    ) throws(InputFault) -> EventKind {
        guard let kind = EventKind(rawValue: word) else {
            let words = EventKind.allCases.map(\.rawValue)
            throw InputFault(
                file: file,
                mark: line.map { Mark(line: $0, column: 1) },
                problem: "there is no event \(Excerpt.quoted(word)).",
                remedy: Spelling.nearest(to: word, among: words).map { "Did you mean '\($0)'?" }
                    ?? "Use one of docs/formats/events.md, such as marked or filled."
            )
        }
        return kind
    }

    private func fault(_ line: Int, _ problem: String, _ remedy: String) -> InputFault {
        InputFault(
            file: file,
            mark: Mark(line: line, column: 1),
            problem: problem,
            remedy: remedy
        )
    }

    private static func trimmed(_ text: String) -> String {
        var rest = text[...]
        while rest.first == " " || rest.first == "\t" { rest = rest.dropFirst() }
        while rest.last == " " || rest.last == "\t" { rest = rest.dropLast() }
        return String(rest)
    }
}
