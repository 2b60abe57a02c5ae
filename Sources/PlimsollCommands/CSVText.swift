import PlimsollWire

/// Comma-separated values, as RFC 4180 has them, without line breaks inside of a cell.
enum CSVText {
    /// A cell: in quotes where it would be something else without.
    static func cell(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy {
            $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "\"") && $0 >= 0x20
        }
        guard !isPlain else { return text }
        return "\""
            + text.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\""
    }

    /// The cells of a line.
    ///
    /// - Throws: a fault at the column where a quote is wrong.
    static func cells(
        _ line: [UInt8],
        file: String,
        number: Int
    ) throws(InputFault) -> [String] {
        var cells: [String] = []
        var cell: [UInt8] = []
        var place = 0
        while true {
            cell.removeAll(keepingCapacity: true)
            if place < line.count, line[place] == UInt8(ascii: "\"") {
                guard let end = quoted(line, from: place, into: &cell) else {
                    throw fault(file, number, place, "the quotation mark is not closed.")
                }
                guard end == line.count || line[end] == UInt8(ascii: ",") else {
                    throw fault(
                        file,
                        number,
                        end,
                        "behind the closing quotation mark is more text."
                    )
                }
                place = end
            } else {
                while place < line.count, line[place] != UInt8(ascii: ",") {
                    cell.append(line[place])
                    place += 1
                }
            }
            cells.append(String(decoding: cell, as: UTF8.self))
            guard place < line.count else { return cells }
            place += 1
        }
    }

    /// Reads a cell in quotes, and says where it ends; `nil`: nowhere.
    private static func quoted(
        _ line: [UInt8],
        from start: Int,
        into cell: inout [UInt8]
    ) -> Int? {
        var place = start + 1
        while place < line.count {
            guard line[place] == UInt8(ascii: "\"") else {
                cell.append(line[place])
                place += 1
                continue
            }
            guard place + 1 < line.count, line[place + 1] == UInt8(ascii: "\"") else {
                return place + 1
            }
            cell.append(UInt8(ascii: "\""))
            place += 2
        }
        return nil
    }

    private static func fault(
        _ file: String,
        _ line: Int,
        _ place: Int,
        _ problem: String
    ) -> InputFault {
        InputFault(
            file: file,
            mark: Mark(line: line, column: place + 1),
            problem: problem,
            remedy: "Put a whole cell into quotation marks, and write one inside of it twice."
        )
    }
}
