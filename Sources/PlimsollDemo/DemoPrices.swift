import Glibc
package import PlimsollUnits
package import PlimsollWire

/// The prices of 10 October 2025, as a path through the corners of its 5-minute bars.
package struct DemoPrices: Sendable {
    /// One symbol's path.
    package struct Path: Sendable {
        /// The symbol.
        package let symbol: String
        /// Four prices a bar, in 10⁻⁸: open, the extreme that came first, the other one, close.
        fileprivate let corners: [Int64]
    }

    /// The paths, in the order of `symbols`.
    package let paths: [Path]

    /// The markets of the demo.
    package static let symbols = ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
    /// The bar at which the demo begins: 18:30 UTC, and the one with which a crash does: 20:50 UTC.
    package static let firstBar = 222
    package static let crashBar = 250
    /// How long a bar takes on screen, in milliseconds.
    package static let barTime: Int64 = 10_000

    /// Reads the bars of a folder.
    package init(folder: String) throws(InputFault) {
        var paths: [Path] = []
        for symbol in Self.symbols {
            let file = "\(folder)/\(symbol)-5m.csv"
            let reader = try LineReader(path: file)
            var corners: [Int64] = []
            while let line = try reader.next() {
                guard line.number > 1 else { continue }
                corners += try Self.corners(line, file)
            }
            guard corners.count > 4 * (Self.crashBar + 12) else {
                throw InputFault(
                    file: file,
                    mark: nil,
                    problem: "there are only \(corners.count / 4) bars.",
                    remedy: "Use the file of examples/october-2025/prices."
                )
            }
            paths.append(Path(symbol: symbol, corners: corners))
        }
        self.paths = paths
    }

    /// Where the prices are: `PLIMSOLL_PRICES`, or `examples/october-2025/prices` here or above the program.
    package static func standardFolder() -> String? {
        if let named = getenv("PLIMSOLL_PRICES") { return String(cString: named) }
        let name = "examples/october-2025/prices"
        if access(name, R_OK) == 0 { return name }
        guard let resolved = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(resolved) }
        var path = String(cString: resolved)[...]
        while let slash = path.lastIndex(of: "/") {
            path = path[..<slash]
            if access("\(path)/\(name)", R_OK) == 0 { return "\(path)/\(name)" }
        }
        return nil
    }

    private static func corners(
        _ line: LineReader.Line,
        _ file: String
    ) throws(InputFault) -> [Int64] {
        let fields = String(decoding: line.bytes, as: UTF8.self).split(separator: ",")
        let prices = fields.dropFirst().compactMap { try? DecimalText.units($0, scale: 8) }
            .compactMap { Int64(exactly: $0) }
        guard fields.count == 5, prices.count == 4 else {
            throw InputFault(
                file: file,
                mark: Mark(line: line.number, column: 1),
                problem: "the line is not a time and four prices.",
                remedy: "Use the file of examples/october-2025/prices."
            )
        }
        let (open, high, low, close) = (prices[0], prices[1], prices[2], prices[3])
        return close < open ? [open, high, low, close] : [open, low, high, close]
    }

    /// The price of a path so many milliseconds of the screen after the first bar; at the end it stands still.
    package func price(_ path: Path, at time: Int64) -> Price {
        let leg = Self.barTime / 4
        let place = Int64(Self.firstBar * 4) + max(0, time) / leg
        let index = min(Int(place), path.corners.count - 2)
        let (from, to) = (path.corners[index], path.corners[index + 1])
        let share = Int(place) > index ? leg : max(0, time) % leg
        let between = Int128(from) + Int128(to - from) * Int128(share) / Int128(leg)
        return Price(unchecked: max(1, Int64(between / 1_000_000 * 1_000_000)))
    }
}
