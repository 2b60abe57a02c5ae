package import Plimsoll
import PlimsollReports
package import PlimsollUnits
import PlimsollWire

/// How many accounts stand where, by maintenance ÷ equity and by equity on a logarithmic axis.
package struct FleetGrid: Hashable, Sendable {
    /// The lower edges of the columns, 10⁻⁸: 0, 0.02, 0.04 … 1.2; the last column is open.
    package static let ratioEdges = (0...60).map { Rate(unchecked: Int64($0) * ratioStep) }
    private static let ratioStep: Int64 = 2_000_000

    /// The lower edges of the rows: zero, then 1, 2 and 5 times each power of ten; the last row is open.
    package let equityEdges: [Money]
    /// Accounts by row and column.
    package private(set) var counts: [[Int]]

    /// A grid of nobody, whose rows suit amounts of an asset: from 10 of a currency of about a dollar, from
    /// a thousandth of a coin.
    package init(asset: String) {
        let first = AssetDigits.of(asset) == 2 ? 1 : -3
        var edges = [Money.zero]
        for power in first..<first + 8 {
            for digit: Int128 in [1, 2, 5] {
                edges.append(Money(units: digit * PowerOfTen.of(16 + power)))
            }
        }
        equityEdges = edges
        counts = Array(
            repeating: Array(repeating: 0, count: Self.ratioEdges.count),
            count: edges.count
        )
    }

    /// Counts an account.
    ///
    /// One without equity is in the first row: in the last column if it owes or needs anything, else in the
    /// first.
    package mutating func count(equity: Money, _ figures: AccountSummary.Figures) {
        let last = Self.ratioEdges.count - 1
        var column = 0
        if let ratio = figures.marginRatio {
            let cell = ratio.units.divided(
                by: Int128(Self.ratioStep) * PowerOfTen.eight,
                rounding: .down
            )
            column = Int(min(cell, Int128(last)))
        } else if figures.equity < .zero || figures.maintenanceMargin > .zero {
            column = last
        }
        counts[row(of: equity)][column] += 1
    }

    /// The last row whose edge is not above an amount.
    private func row(of equity: Money) -> Int {
        var (low, high) = (0, equityEdges.count)
        while high - low > 1 {
            let middle = (low + high) >> 1
            if equityEdges[middle] <= equity { low = middle } else { high = middle }
        }
        return low
    }
}

extension JSONWriter {
    /// Writes a grid; edges are numbers, since they are drawn.
    mutating func fleet(_ fleet: FleetGrid) {
        object { object in
            object.key("ratioEdges")
            object.array { list in
                for edge in FleetGrid.ratioEdges { list.number(edge.description) }
            }
            object.key("equityEdges")
            object.array { list in
                for edge in fleet.equityEdges { list.number(edge.description) }
            }
            object.key("counts")
            object.array { list in
                for row in fleet.counts {
                    list.array { cells in
                        for count in row { cells.number(count) }
                    }
                }
            }
        }
    }
}
