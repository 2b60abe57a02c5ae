import Plimsoll
import PlimsollUnits

// Collateral that was sold for a debt.
extension ReceiptBuilder {
    /// What was sold, at which prices, and its fee.
    func addConversion(_ move: InsuranceMoved, _ scene: Scene) {
        guard let sale = move.sale else { return }
        let names = scene.after.directory
        let (sold, bought) = (names.name(sale.asset), names.name(move.asset))
        let fund = names.name(move.fund)
        let exact = value(of: sale.sold.units, at: sale.price, in: sale.boughtPrice)
        let rate = rules(scene)?.conversion?.fee
        add(
            "converted",
            "\(text(sale.sold)) \(sold) is sold for \(text(sale.bought)) \(bought)",
            scene
        ) { step in
            step.accounts.insert(move.fund)
            step.facts = [
                .text("soldAsset", sold), .text("sold", sale.sold), .text("soldPrice", sale.price),
                .text("boughtAsset", bought), .text("bought", sale.bought),
                .text("boughtPrice", sale.boughtPrice), .text("fee", move.amount),
                .text("fund", fund),
            ]
            step.details = [
                "\(text(sale.sold)) × index \(text(sale.price)) ÷ index "
                    + "\(text(sale.boughtPrice)) = \(exact.map { text($0) } ?? "beyond all limits")",
                "fee \(text(move.amount)) to \(fund)"
                    + (rate.map { ", \(text($0)) of what came in, as far as equity goes" } ?? ""),
            ]
            let least = value(of: sale.bought.units - 1, at: sale.boughtPrice, in: sale.price)
            let most = value(of: sale.bought.units, at: sale.boughtPrice, in: sale.price)
            step.checks.append(
                .init(
                    "price",
                    "\(text(sale.bought)) of \(exact.map { text($0) } ?? "?"), but for one unit",
                    holds(sale, least: least, most: most, exact: exact)
                )
            )
            guard let rate else { return }
            let fee = LiquidationPricing.fee(rate, of: sale.bought, equity: sale.bought)
            step.checks.append(
                .init("fee", "\(text(move.amount)) ≤ \(text(fee))", move.amount <= fee)
            )
        }
    }

    /// Whether the event sold collateral in this liquidation.
    func hasConversion(_ scene: Scene) -> Bool {
        scene.effects.contains {
            guard case .insuranceMoved(let move) = $0 else { return false }
            return move.liquidation == index.number && move.sale != nil
        }
    }

    /// Nobody gains and the account loses no more than a unit of one of the assets by rounding.
    private func holds(
        _ sale: CollateralSale,
        least: Money?,
        most: Money?,
        exact: Money?
    ) -> Bool? {
        guard let exact, let least, let most else { return nil }
        if sale.bought > exact { return false }
        // All of what was owned: down to a unit of what was bought. Otherwise up to one of what was sold.
        return sale.bought == exact || sale.sold <= most || sale.sold > least
    }

    /// `amount × price ÷ other`, rounded down.
    private func value(of amount: Int128, at price: Price, in other: Price) -> Money? {
        amount.multiplied(
            by: Int128(price.units),
            dividedBy: Int128(other.units),
            rounding: .down
        ).map { Money(units: $0) }
    }

    private func text(_ value: some CustomStringConvertible) -> String {
        NumberText.exact(value.description)
    }
}
