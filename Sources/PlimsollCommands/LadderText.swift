import Plimsoll
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// A ladder as text: a bar for each price, as long as its ratio of maintenance to equity.
struct LadderText {
    let ladder: Ladder
    let console: Console

    private static let barWidth = 20

    /// Prints the rungs, from the highest price down, with the mark and the liquidation price.
    func print() {
        let position = ladder.position
        let directory = ladder.loaded.engine.directory
        let leg = position.leg == .net ? "" : " \(position.leg.word)"
        let pool = ladder.pool.map { " · pool \($0.name(directory))" } ?? ""
        console.print(
            "\(directory.name(ladder.loaded.account)) · \(ladder.loaded.rulebook.label) · "
                + "\(position.symbol)\(leg)\(pool)"
        )
        for line in table().lines(console) { console.print(line) }
        if case .none(let reason) = position.liquidationPrice {
            console.print("liquidation price: \(reason.words)")
        }
    }

    private func table() -> TextTable {
        var table = TextTable([
            ("price", .right), ("move", .right), ("equity", .right), ("initial", .right),
            ("maint", .right), ("ratio", .right), ("", .left), ("band", .left), ("", .left),
        ])
        let digits = AssetDigits.of(ladder.pool?.asset ?? "")
        let priceDigits = min(8, ladder.mark.shownDigits)
        var marks: [(price: SolvedPrice, text: String, ink: Ink)] = [
            (SolvedPrice(ladder.mark), "mark", .bold)
        ]
        if let liquidation = ladder.position.liquidationPrice.price {
            marks.append((liquidation, "liquidation", .redBold))
        }
        marks.sort { $0.price > $1.price }
        let isInside = marks.filter { $0.price >= low && $0.price <= high }
        var waiting = isInside[...]
        for (index, rung) in ladder.rungs.enumerated().reversed() {
            while let mark = waiting.first, mark.price > SolvedPrice(rung.price) {
                table.add(row(mark.price, mark.text, mark.ink, priceDigits))
                waiting = waiting.dropFirst()
            }
            var notes: [String] = []
            while let mark = waiting.first, mark.price == SolvedPrice(rung.price) {
                notes.append("← \(mark.text)")
                waiting = waiting.dropFirst()
            }
            let above = index + 1 < ladder.rungs.count ? ladder.rungs[index + 1].bracket : nil
            if let above, let here = rung.bracket, above != here {
                notes.append("bracket \(here + 1)")
            } else if index + 1 == ladder.rungs.count, let here = rung.bracket {
                notes.append("bracket \(here + 1)")
            }
            table.add([
                .init(NumberText.price(SolvedPrice(rung.price), digits: priceDigits)),
                .init(move(SolvedPrice(rung.price))),
                .init(NumberText.money(rung.equity, digits: digits)),
                .init(NumberText.money(rung.initialMargin, digits: digits)),
                .init(NumberText.money(rung.maintenanceMargin, digits: digits)),
                .init(rung.marginRatio.map { NumberText.percent($0) } ?? "–"),
                .init(bar(rung), rung.band.ink),
                .init(rung.band.word, rung.band.ink),
                .init(notes.joined(separator: " ")),
            ])
        }
        return table
    }

    private var low: SolvedPrice {
        ladder.rungs.first.map { SolvedPrice($0.price) } ?? SolvedPrice(units: 0)
    }

    private var high: SolvedPrice {
        ladder.rungs.last.map { SolvedPrice($0.price) } ?? SolvedPrice(units: 0)
    }

    private func row(
        _ price: SolvedPrice,
        _ text: String,
        _ ink: Ink,
        _ digits: Int
    ) -> [TextTable.Cell] {
        [
            .init(NumberText.price(price, digits: digits), ink), .init(move(price), ink),
            .init(""), .init(""), .init(""), .init(""), .init("── \(text)", ink),
        ]
    }

    private func move(_ price: SolvedPrice) -> String {
        let mark = SolvedPrice(ladder.mark).units
        return (price.units - mark).multiplied(
            by: PowerOfTen.sixteen,
            dividedBy: mark,
            rounding: .halfEven
        ).map { NumberText.change($0) } ?? ""
    }

    /// Twenty cells are 100 %; without equity there is no ratio, and the bar is full.
    private func bar(_ rung: LadderRung) -> String {
        let width = Int128(Self.barWidth * 8)
        let ratio = rung.marginRatio?.units ?? (rung.band == .liquidation ? Int128.max : 0)
        let eighths = ratio >= PowerOfTen.sixteen ? width : ratio * width / PowerOfTen.sixteen
        let full = Int(eighths / 8)
        let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        let text = String(repeating: "█", count: full) + parts[Int(eighths % 8)]
        return text + String(repeating: "·", count: Self.barWidth - text.count)
    }
}
