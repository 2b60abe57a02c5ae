import Plimsoll
import PlimsollReports
import PlimsollUnits

extension AccountView {
    /// What is shown of a server's answer about an account; `nil`: it is not one.
    init?(_ answer: Document) {
        guard let asset = answer["asset"].text else { return nil }
        self.asset = asset
        state = Band(word: answer["state"].text) ?? .safe
        figures = Figures(answer)
        positions = answer["positions"].items.compactMap { Position($0) }
        pools = answer["pools"].items.map { Pool($0) }
        collateral = answer["collateral"].items.map { Collateral($0) }
        stale = answer["stale"].items.compactMap(\.text)
        missing = answer["missing"].items.compactMap(\.text)
    }
}

extension AccountView.Figures {
    /// `nil`: they cannot be computed.
    fileprivate init?(_ answer: Document) {
        guard let equity = answer["equity"].money else { return nil }
        self.init(
            walletBalance: answer["walletBalance"].money ?? .zero,
            unrealizedPnl: answer["unrealizedPnl"].money ?? .zero,
            equity: equity,
            initialMargin: answer["initialMargin"].money ?? .zero,
            maintenanceMargin: answer["maintenanceMargin"].money ?? .zero,
            availableBalance: answer["availableBalance"].money ?? .zero,
            freeboard: answer["freeboard"].money ?? .zero,
            marginRatio: answer["marginRatio"].solved
        )
    }
}

extension AccountView.Position {
    fileprivate init?(_ answer: Document) {
        guard let symbol = answer["symbol"].text, let quantity = answer["quantity"].quantity,
            let entry = answer["entryPrice"].solved
        else { return nil }
        let none = answer["liquidationPriceReason"].text.flatMap { NoPrice(rawValue: $0) }
        self.init(
            symbol: symbol,
            asset: answer["asset"].text ?? "",
            isIsolated: answer["marginMode"].text == "isolated",
            quantity: quantity,
            entryPrice: entry,
            markPrice: answer["markPrice"].price,
            notional: answer["notional"].money,
            unrealizedPnl: answer["unrealizedPnl"].money,
            maintenanceMargin: answer["maintenanceMargin"].money,
            liquidationPrice: answer["liquidationPrice"].solved.map { .price($0) }
                ?? .none(none ?? .missingPrice)
        )
    }
}

extension AccountView.Pool {
    fileprivate init(_ answer: Document) {
        self.init(
            name: answer["pool"].text ?? "",
            asset: answer["asset"].text ?? "",
            band: Band(word: answer["band"].text) ?? .safe,
            mode: PoolMode.allCases.first { $0.word == answer["mode"].text } ?? .normal,
            figures: AccountView.Figures(answer)
        )
    }
}

extension AccountView.Collateral {
    fileprivate init(_ answer: Document) {
        self.init(
            asset: answer["asset"].text ?? "",
            walletBalance: answer["walletBalance"].money ?? .zero,
            isolatedMargin: answer["isolatedMargin"].money ?? .zero,
            equity: answer["equity"].money,
            collateralValue: answer["collateralValue"].money
        )
    }
}

extension Band {
    /// The band of a word; `nil`: there is none.
    init?(word: String?) {
        guard let band = Band.allCases.first(where: { $0.word == word }) else { return nil }
        self = band
    }
}

extension Document {
    /// A size.
    var quantity: Quantity? { hundredMillionths.flatMap { try? Quantity(units: $0) } }

    /// A price that was quoted.
    var price: Price? { hundredMillionths.flatMap { try? Price(units: $0) } }

    private var hundredMillionths: Int64? {
        text.flatMap { try? DecimalText.units($0, scale: 8) }.flatMap { Int64(exactly: $0) }
    }
}
