internal import ArgumentParser
import PlimsollWire

/// How a list is written, other than as a table or one document.
struct ListForm: ParsableArguments {
    @Flag(name: .long, help: "One JSON object a line.")
    var ndjson = false

    @Flag(name: .long, help: "Comma-separated values, with a header.")
    var csv = false

    /// At most one form may be asked for.
    func check(json: Bool) throws(CommandFailure) {
        guard [json, ndjson, csv].count(where: { $0 }) > 1 else { return }
        throw .usage(
            problem: "--json, --ndjson and --csv are three forms of one list.",
            remedy: "Write one of them."
        )
    }

    /// It is for people.
    func isTable(json: Bool) -> Bool { !json && !ndjson && !csv }
}

/// A list as JSON, lines of JSON or CSV, written as it comes.
struct ListOutput {
    private let columns: [String]
    private let form: ListForm
    private let console: Console
    /// What waits for the end of a document; `nil`: lines do not wait.
    private var items: [Node]?

    /// A list with these columns, as CSV.
    init(_ columns: [String], _ form: ListForm, isJSON: Bool, _ console: Console) {
        self.columns = columns
        self.form = form
        self.console = console
        items = isJSON ? [] : nil
        if form.csv { console.print(columns.joined(separator: ",")) }
    }

    /// Writes or keeps an item.
    mutating func add(_ item: Document) {
        guard let node = item.node else { return }
        guard items == nil else {
            items?.append(node)
            return
        }
        if form.csv {
            console.print(columns.map { CSVText.cell(item[$0].text ?? "") }.joined(separator: ","))
        } else {
            var writer = JSONWriter()
            writer.node(node)
            console.print(writer.text)
        }
    }

    /// Writes the document of a list that is one: all items, with what the last page says of itself.
    func finish(_ last: Document, cursor: String?) {
        guard let items else { return }
        var writer = JSONWriter(pretty: true)
        writer.object { object in
            object.key("items")
            object.array { array in
                for node in items { array.node(node) }
            }
            object.key("nextCursor")
            if let cursor { object.string(cursor) } else { object.null() }
            for (name, value) in last.fields where name != "items" && name != "nextCursor" {
                object.key(name)
                if let node = value.node { object.node(node) } else { object.null() }
            }
        }
        console.print(writer.bytes)
    }
}
