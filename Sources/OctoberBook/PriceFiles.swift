internal import PlimsollUnits

/// A real bar of five minutes, prices in steps of 10⁻⁸.
struct PriceBar: Equatable {
    /// How long a bar is, in milliseconds.
    static let length = 300_000

    /// Where it starts, in milliseconds since 1970-01-01 UTC.
    let start: Int
    let open: Int64
    let high: Int64
    let low: Int64
    let close: Int64
}

/// A realised funding settlement.
struct FundingSettlement: Equatable {
    /// When it was settled, in milliseconds since 1970-01-01 UTC.
    let time: Int
    /// What longs pay to shorts, as decimal text without exponent.
    let rate: String
}

/// The committed copies of the real facts, one folder of CSV files.
struct PriceFiles {
    /// The folder.
    let folder: String

    /// The bars of `symbol` that fill `window` without a gap.
    func bars(of symbol: String, in window: Range<Int>) throws(Fault) -> [PriceBar] {
        let file = "\(folder)/\(symbol)-5m.csv"
        var bars: [PriceBar] = []
        for row in try rows(of: file, columns: 5) where window.contains(row.time) {
            var prices: [Int64] = []
            for text in row.fields {
                let units = try? DecimalText.units(text, scale: 8)
                guard let units, let price = try? Price(units: Int64(clamping: units)) else {
                    throw .input("\(file):\(row.line): '\(text)' is not a price.")
                }
                prices.append(price.units)
            }
            let bar = PriceBar(
                start: row.time,
                open: prices[0],
                high: prices[1],
                low: prices[2],
                close: prices[3]
            )
            guard bar.low <= min(bar.open, bar.close), bar.high >= max(bar.open, bar.close) else {
                throw .input("\(file):\(row.line): open or close is outside of low and high.")
            }
            bars.append(bar)
        }
        let wanted = stride(from: window.lowerBound, to: window.upperBound, by: PriceBar.length)
        guard bars.map(\.start) == Array(wanted) else {
            throw .input(
                "\(file) has \(bars.count) bars between \(UTCTime.string(window.lowerBound)) and "
                    + "\(UTCTime.string(window.upperBound)), where \(wanted.underestimatedCount) are "
                    + "needed. Choose --from and --to inside of the file."
            )
        }
        return bars
    }

    /// The settlements of `symbol` after the start of `window`, its end included.
    func funding(of symbol: String, in window: Range<Int>) throws(Fault) -> [FundingSettlement] {
        let file = "\(folder)/\(symbol)-funding.csv"
        var settlements: [FundingSettlement] = []
        for row in try rows(of: file, columns: 2) {
            guard let units = try? DecimalText.units(row.fields[0], scale: 16) else {
                throw .input("\(file):\(row.line): '\(row.fields[0])' is not a funding rate.")
            }
            guard row.time > window.lowerBound, row.time <= window.upperBound else { continue }
            let rate = DecimalText.string(units, scale: 16)
            settlements.append(FundingSettlement(time: row.time, rate: rate))
        }
        return settlements
    }

    private struct Row {
        let line: Int
        let time: Int
        let fields: [Substring]
    }

    private func rows(of file: String, columns: Int) throws(Fault) -> [Row] {
        let text = String(decoding: try ByteFile.contents(of: file), as: UTF8.self)
        var rows: [Row] = []
        for (index, line) in text.split(separator: "\n").enumerated().dropFirst() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count == columns, let time = Int(fields[0]) else {
                throw .input(
                    "\(file):\(index + 1): the row is not a time and \(columns - 1) numbers."
                )
            }
            rows.append(Row(line: index + 1, time: time, fields: Array(fields.dropFirst())))
        }
        return rows
    }
}
