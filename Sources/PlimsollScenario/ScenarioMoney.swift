import Plimsoll
import PlimsollUnits
import PlimsollWire

/// The statements that move money.
extension ScenarioWords {
    mutating func money(
        _ verb: String
    ) throws(InputFault) -> (@Sendable (ScenarioNames) -> Event.Body)? {
        switch verb {
        case "deposit":
            let (account, amount, asset) = try movement()
            return {
                .deposited(
                    Deposited(account: $0.account(account), asset: $0.asset(asset), amount: amount)
                )
            }
        case "withdraw":
            let (account, amount, asset) = try movement()
            return {
                let (account, asset) = ($0.account(account), $0.asset(asset))
                return .withdrawalRequested(
                    WithdrawalRequested(account: account, asset: asset, amount: amount)
                )
            }
        case "withdrawal": return try withdrawal()
        case "fee":
            let (account, amount, asset) = try movement()
            return {
                let (account, asset) = ($0.account(account), $0.asset(asset))
                return .feeCharged(FeeCharged(account: account, asset: asset, amount: amount))
            }
        case "interest":
            let (account, amount, asset) = try movement()
            return {
                let (account, asset) = ($0.account(account), $0.asset(asset))
                return .interestAccrued(
                    InterestAccrued(account: account, asset: asset, amount: amount)
                )
            }
        case "insurance":
            let amount = try amount()
            let asset = try take("the asset")
            let fund = takes("to") ? try take("the fund") : nil
            return {
                .insuranceFunded(
                    InsuranceFunded(asset: $0.asset(asset), amount: amount, fund: fund)
                )
            }
        case "transfer": return try transfer()
        case "margin": return try isolatedMargin()
        case "convert": return try conversion()
        case "reconcile": return try reconciliation()
        default: return nil
        }
    }

    /// `ACCOUNT AMOUNT ASSET`.
    private mutating func movement() throws(InputFault) -> (String, Money, String) {
        let account = try take("the account")
        let amount = try amount()
        return (account, amount, try take("the asset"))
    }

    private mutating func withdrawal() throws(InputFault) -> @Sendable (ScenarioNames) -> Event.Body
    {
        let isSettled = try require("settled", "reversed") == 0
        let (account, amount, asset) = try movement()
        return {
            let (account, asset) = ($0.account(account), $0.asset(asset))
            return isSettled
                ? .withdrawalSettled(
                    WithdrawalSettled(account: account, asset: asset, amount: amount)
                )
                : .withdrawalReversed(
                    WithdrawalReversed(account: account, asset: asset, amount: amount)
                )
        }
    }

    private mutating func transfer() throws(InputFault) -> @Sendable (ScenarioNames) -> Event.Body {
        let (from, amount, asset) = try movement()
        _ = try require("to")
        let to = try take("the account")
        return {
            .transferred(
                Transferred(
                    from: $0.account(from),
                    to: $0.account(to),
                    asset: $0.asset(asset),
                    amount: amount
                )
            )
        }
    }

    private mutating func isolatedMargin() throws(InputFault)
        -> @Sendable (ScenarioNames) -> Event.Body
    {
        let account = try take("the account")
        let amount = try amount()
        let isInto = try require("into", "from") == 0
        let symbol = try take("the symbol")
        let leg = leg()
        return {
            .isolatedMarginMoved(
                IsolatedMarginMoved(
                    account: $0.account(account),
                    instrument: $0.instrument(symbol),
                    leg: leg,
                    amount: isInto ? amount : -amount
                )
            )
        }
    }

    private mutating func conversion() throws(InputFault) -> @Sendable (ScenarioNames) -> Event.Body
    {
        let (account, sold, from) = try movement()
        _ = try require("to")
        let bought = try amount()
        let to = try take("the asset")
        return {
            .collateralConverted(
                CollateralConverted(
                    account: $0.account(account),
                    from: $0.asset(from),
                    sold: sold,
                    to: $0.asset(to),
                    bought: bought
                )
            )
        }
    }

    private mutating func reconciliation() throws(InputFault)
        -> @Sendable (ScenarioNames) -> Event.Body
    {
        let account = try take("the account")
        guard try require("wallet", "position") == 1 else {
            let balance = try amount("the balance")
            let asset = try take("the asset")
            return {
                let account = $0.account(account)
                return .reconciled(
                    Reconciled(account: account, report: .wallet($0.asset(asset), balance))
                )
            }
        }
        let leg = leg()
        let quantity = try quantity()
        let symbol = try take("the symbol")
        _ = try require("at")
        let entry = SolvedPrice(units: try decimal("the entry price", scale: 16))
        let margin = takes("margin") ? try amount("the margin") : nil
        return {
            .reconciled(
                Reconciled(
                    account: $0.account(account),
                    report: .position(
                        $0.instrument(symbol),
                        leg,
                        quantity,
                        entry,
                        isolatedMargin: margin
                    )
                )
            )
        }
    }
}
