import Plimsoll
import PlimsollUnits

/// Short histories whose last event is worth lying about.
enum History {
    static let instruments = ["X", "Y"].map { symbol in
        var rules = LiquidationDesk.rules(symbol)
        rules.quantityStep = quantity("1")
        return rules
    }

    /// One long of 500 at 100 with a wallet of 5,000 against one short.
    static func long(_ enforcement: Enforcement, fund: String = "0") -> LiquidationDesk {
        var desk = LiquidationDesk(enforcement, instruments: instruments, fund: fund)
        opens(&desk)
        return desk
    }

    private static func opens(_ desk: inout LiquidationDesk) {
        let long = desk.open("long", "5000")
        let short = desk.open("short", "50000")
        _ = desk.open("maker", "1000000")
        desk.mark("100")
        desk.mark("100", 1)
        desk.trade(long, short, "500", at: "100")
    }

    /// Below the line: an order for 103 at 90.
    @Sendable static func ordered() -> LiquidationDesk {
        var desk = long(Enforcement())
        desk.mark("94.7")
        return desk
    }

    /// Below zero: a fund with room for 200, the short gives up 300.
    @Sendable static func takenOver() -> LiquidationDesk {
        var desk = long(Enforcement(), fund: "400")
        desk.mark("88")
        return desk
    }

    /// Closed at the mark: 1,000 are owed, the fund pays 0.5, the short the rest.
    @Sendable static func absorbed() -> LiquidationDesk {
        var desk = long(Enforcement(deleveraging: Deleveraging(price: .mark)), fund: "0.5")
        desk.mark("88")
        return desk
    }

    /// A deficit that two who were closed at the mark are charged.
    @Sendable static func charged() -> LiquidationDesk {
        var desk = LiquidationDesk(
            Enforcement(deleveraging: Deleveraging(policy: .fairCharge)),
            instruments: instruments
        )
        twoWinners(&desk)
        return desk
    }

    /// A fee of 2 % of 45,500, of which 500 can be paid.
    @Sendable static func bounded() -> LiquidationDesk {
        var desk = long(Enforcement(sizing: .whole, fee: rate("0.02")))
        desk.mark("94.7")
        desk.fill(1, "500", at: "91", with: desk.id("maker"))
        return desk
    }

    /// A fee of 2 % of 9,470.
    @Sendable static func paid() -> LiquidationDesk {
        var desk = long(Enforcement(sizing: .whole, fee: rate("0.02")))
        desk.mark("94.7")
        desk.fill(1, "100", at: "94.7", with: desk.id("maker"))
        return desk
    }

    /// What nobody bought and nobody else can take goes to the fund at the mark.
    @Sendable static func stranded() -> LiquidationDesk {
        var desk = LiquidationDesk(
            Enforcement(funds: [FundRule(name: "fund", cap: money("9000"))]),
            instruments: instruments,
            fund: "100000"
        )
        opens(&desk)
        desk.mark("88")
        return desk
    }

    /// An order is out, and nobody takes it.
    @Sendable static func unfilled() -> LiquidationDesk {
        var desk = long(Enforcement())
        desk.mark("94.7")
        desk.end(1)
        return desk
    }

    /// An order is out, and the price moves on.
    @Sendable static func waiting() -> LiquidationDesk {
        var desk = long(Enforcement())
        desk.mark("94.7")
        desk.mark("94.6")
        return desk
    }

    /// The mark of an order was made long ago.
    @Sendable static func stale() -> LiquidationDesk {
        var desk = LiquidationDesk(
            Enforcement(),
            instruments: instruments,
            adjust: { $0.priceGuard.maxAge = 60_000_000_000 }
        )
        opens(&desk)
        desk.send(.ticked, after: 61_000_000_000)
        return desk
    }

    /// Two shorts in profit, the larger with far more money, against a long that gaps below zero.
    @Sendable static func twoWinners(_ desk: inout LiquidationDesk) {
        let long = desk.open("long", "5000")
        let small = desk.open("small", "3000")
        let large = desk.open("large", "500000")
        desk.mark("100")
        desk.mark("100", 1)
        desk.trade(long, large, "200", at: "110")
        desk.trade(long, small, "300", at: "100")
        desk.trade(desk.engine.outside(of: desk.venue), large, "100", at: "110")
        desk.mark("84")
    }

    @Sendable static func falls(_ desk: inout LiquidationDesk) {
        let long = desk.open("long", "20000")
        let short = desk.open("short", "500000")
        desk.mark("100")
        desk.trade(long, short, "1500", at: "100")
        desk.mark("92.5")
    }

    /// One has the larger profit on its wallet, the other the larger leverage.
    @Sendable static func rivals(_ desk: inout LiquidationDesk) {
        let long = desk.open("long", "8000")
        let profits = desk.open("profits", "3000")
        let leverages = desk.open("leverages", "1500")
        desk.mark("100")
        desk.trade(long, profits, "300", at: "100")
        desk.mark("85")
        desk.trade(long, leverages, "100", at: "84.5")
        desk.mark("76")
    }

    /// An order down into the lower bracket.
    @Sendable static func stepped() -> LiquidationDesk {
        var desk = LiquidationDesk(Enforcement(sizing: .bracketStep), instruments: instruments)
        falls(&desk)
        return desk
    }

    @Sendable static func fallsOnBids(_ desk: inout LiquidationDesk) {
        desk.send(
            .depthObserved(
                DepthObserved(
                    instrument: InstrumentID(index: 0),
                    bids: [DepthObserved.Level(price: price("93"), quantity: quantity("100"))],
                    asks: []
                )
            )
        )
        falls(&desk)
    }

    @Sendable static func gapOnFund(_ desk: inout LiquidationDesk) {
        desk.send(.insuranceFunded(InsuranceFunded(asset: desk.usd, amount: money("100000"))))
        opens(&desk)
        desk.mark("88")
    }

    /// Two longs of which one alone restores the exit level.
    @Sendable static func twoPositions(_ desk: inout LiquidationDesk) {
        let long = desk.open("long", "6000")
        let short = desk.open("short", "500000")
        desk.mark("100")
        desk.mark("100", 1)
        desk.trade(long, short, "500", at: "100")
        desk.trade(long, short, "100", at: "100", 1)
        desk.mark("93.5")
    }
}
