/// A table of text: columns as wide as their widest cell, two blanks apart.
struct TextTable {
    /// To which side the cells of a column are pushed.
    enum Alignment {
        case left
        case right
    }

    /// One cell, with the ink it is shown in.
    struct Cell {
        var text: String
        var ink: Ink?

        init(_ text: String, _ ink: Ink? = nil) {
            self.text = text
            self.ink = ink
        }
    }

    private let columns: [(title: String, alignment: Alignment)]
    private var rows: [[Cell]] = []

    /// A table with these columns; a title may be empty.
    init(_ columns: [(title: String, alignment: Alignment)]) { self.columns = columns }

    /// Adds a row; cells that are missing are blank.
    mutating func add(_ cells: [Cell]) { rows.append(cells) }

    /// Adds a row of plain text.
    mutating func add(_ cells: [String]) { rows.append(cells.map { Cell($0) }) }

    /// The lines, without blanks at their ends.
    func lines(_ console: Console, header: Bool = true) -> [String] {
        let used = columns.indices.filter { column in
            rows.contains { column < $0.count && !$0[column].text.isEmpty }
        }
        var widths: [Int] = columns.map { header ? $0.title.count : 0 }
        for row in rows {
            for (column, cell) in row.enumerated() where column < widths.count {
                widths[column] = max(widths[column], cell.text.count)
            }
        }
        var lines: [String] = []
        if header {
            lines.append(line(columns.map { Cell($0.title, .faint) }, used, widths, console))
        }
        for row in rows { lines.append(line(row, used, widths, console)) }
        return lines
    }

    private func line(
        _ cells: [Cell],
        _ used: [Int],
        _ widths: [Int],
        _ console: Console
    ) -> String {
        var line = ""
        var pending = ""
        for (place, column) in used.enumerated() {
            let cell = column < cells.count ? cells[column] : Cell("")
            let blanks = String(repeating: " ", count: widths[column] - cell.text.count)
            if place > 0 { pending += "  " }
            guard !cell.text.isEmpty else {
                pending += blanks
                continue
            }
            if columns[column].alignment == .right { pending += blanks }
            line += pending + console.inked(cell.text, cell.ink)
            pending = columns[column].alignment == .left ? blanks : ""
        }
        return line
    }
}
