internal import PlimsollUnits

/// The event file: reference data, then marks, index prices and the plan, merged by time.
struct Book {
    private let options: Options
    private let market: Market
    private let plan: BookPlan
    private var text = EventText()
    private var commands = 0
    private var trades = 0
    private var marks = 0
    private var indexes = 0
    private var settlements = 0
    private var indexedAt = Int.min
    /// Of the bytes written.
    private(set) var checksum = Checksum()
    /// How many bytes were written.
    private(set) var size = 0

    /// How many events were written.
    var events: Int { text.events }

    /// The book of `options`, planned but not yet written.
    init(_ options: Options) throws(Fault) {
        self.options = options
        market = try Market(options)
        plan = BookPlan(options, market: market)
    }

    /// Writes the whole file to `sink`, a piece at a time.
    mutating func write(to sink: ([UInt8]) throws(Fault) -> Void) throws(Fault) {
        writeReferences()
        writeMarket(tick: 0)
        for event in plan.opening { write(event) }
        var next = 1
        for event in plan.course {
            while next < market.paths[0].marks.count, market.paths[0].time(of: next) <= event.time {
                writeMarket(tick: next)
                next += 1
                try drain(to: sink, above: 1 << 20)
            }
            write(event)
        }
        while next < market.paths[0].marks.count {
            writeMarket(tick: next)
            next += 1
            try drain(to: sink, above: 1 << 20)
        }
        try drain(to: sink, above: 0)
    }

    private mutating func drain(
        to sink: ([UInt8]) throws(Fault) -> Void,
        above limit: Int
    ) throws(Fault) {
        guard text.bytes.count > limit else { return }
        checksum.take(text.bytes)
        size += text.bytes.count
        try sink(text.bytes)
        text.clear()
    }

    private mutating func writeReferences() {
        let start = options.window.lowerBound
        text.comment(
            "Marks are synthetic between the four real prices of each 5-minute bar; accounts are invented."
        )
        text.comment(
            "october-book --seed \(options.seed) --accounts \(options.accounts) "
                + "--from \(UTCTime.string(start)) --to \(UTCTime.string(options.window.upperBound)) "
                + "--step \(options.step)"
        )
        text.begin("venueDefined", time: start)
        text.field("name", "demo")
        text.field("mode", "venue")
        text.end()
        for asset in ["USDT"] + Instrument.all.map(\.asset) {
            text.begin("assetDefined", time: start)
            text.field("asset", asset)
            text.end()
        }
        text.begin("rulebookAdopted", time: start)
        // A fund that could hold any amount would spare everybody else.
        text.field(
            "rulebook",
            json:
                #"{"extends":"binance-usdm","enforcement":{"funds":[{"name":"fund","cap":"\#(plan.insurance)"}]}}"#
        )
        text.end()
        for instrument in Instrument.all {
            text.begin("instrumentDefined", time: start)
            text.field("symbol", instrument.symbol)
            text.end()
        }
        text.begin("insuranceFunded", time: start)
        writeCommand()
        text.field("asset", "USDT")
        text.field("amount", String(plan.insurance))
        text.end()
    }

    /// The marks of one moment, after index prices if ten seconds have gone by since the last.
    private mutating func writeMarket(tick: Int) {
        let time = market.paths[0].time(of: tick)
        if time - 10_000 >= indexedAt {
            indexedAt = time
            for (number, instrument) in Instrument.all.enumerated() {
                indexes += 1
                text.begin("indexed", time: time)
                text.field("source", "indexes")
                text.field("sequence", number: indexes)
                text.field("asset", instrument.asset)
                text.field("price", decimal: market.paths[number].marks[tick])
                text.end()
            }
        }
        for (number, instrument) in Instrument.all.enumerated() {
            marks += 1
            text.begin("marked", time: time)
            text.field("source", "marks")
            text.field("sequence", number: marks)
            text.field("symbol", instrument.symbol)
            text.field("price", decimal: market.paths[number].marks[tick])
            text.end()
        }
    }

    private mutating func writeCommand() {
        commands += 1
        text.field("id", "c-\(commands)")
    }
}

extension Book {
    private mutating func write(_ event: PlannedEvent) {
        switch event.body {
        case .opened(let account, let hedge):
            text.begin("accountOpened", time: event.time)
            text.field("account", account)
            if hedge { text.field("positionMode", "hedge") }
        case .configured(let account, let instrument, let isolated, let leverage):
            text.begin("accountConfigured", time: event.time)
            text.field("account", account)
            text.field("symbol", Instrument.all[instrument].symbol)
            text.field("marginMode", isolated ? "isolated" : "cross")
            text.field("leverage", number: leverage)
        case .deposited(let account, let amount):
            writeMoney("deposited", account: account, amount: amount, time: event.time)
        case .withdrawal(let stage, let account, let amount):
            writeMoney(stage.rawValue, account: account, amount: amount, time: event.time)
        case .isolatedMarginMoved(let account, let instrument, let leg, let amount):
            text.begin("isolatedMarginMoved", time: event.time)
            writeCommand()
            text.field("account", account)
            text.field("symbol", Instrument.all[instrument].symbol)
            if let leg { text.field("leg", leg.rawValue) }
            text.field("amount", String(amount))
        case .ordered(let order):
            write(order, time: event.time)
        case .orderReduced(let order, let remaining):
            text.begin("orderReduced", time: event.time)
            writeCommand()
            text.field("account", order.account)
            text.field("order", order.name)
            text.field("remaining", decimal: remaining.units)
        case .orderCancelled(let order):
            text.begin("orderCancelled", time: event.time)
            writeCommand()
            text.field("account", order.account)
            text.field("order", order.name)
        case .filled(let fill):
            write(fill, time: event.time)
        case .fundingSettled(let instrument, let rate):
            settlements += 1
            text.begin("fundingSettled", time: event.time)
            text.field("source", "funding")
            text.field("sequence", number: settlements)
            text.field("symbol", Instrument.all[instrument].symbol)
            text.field("rate", rate)
        }
        text.end()
    }

    private mutating func writeMoney(_ type: String, account: String, amount: Int, time: Int) {
        text.begin(type, time: time)
        writeCommand()
        text.field("account", account)
        text.field("asset", "USDT")
        text.field("amount", String(amount))
    }

    private mutating func write(_ order: Order, time: Int) {
        text.begin("orderPlaced", time: time)
        writeCommand()
        text.field("account", order.account)
        text.field("order", order.name)
        text.field("symbol", Instrument.all[order.instrument].symbol)
        text.field("side", order.buys ? "buy" : "sell")
        text.field("quantity", decimal: order.quantity.units)
        text.field("price", decimal: order.price.units)
        if let leg = order.leg { text.field("leg", leg.rawValue) }
        if order.reduceOnly { text.flag("reduceOnly") }
    }

    private mutating func write(_ fill: Fill, time: Int) {
        trades += 1
        text.begin("filled", time: time)
        text.field("source", "trades")
        text.field("sequence", number: trades)
        text.field("symbol", Instrument.all[fill.instrument].symbol)
        text.field("quantity", decimal: fill.quantity.units)
        text.field("price", decimal: fill.price.units)
        text.field("buyer", fill.buyer.account)
        text.field("seller", fill.seller.account)
        text.field("buyerFee", fill.fee(of: fill.buyer).description)
        text.field("sellerFee", fill.fee(of: fill.seller).description)
        if let leg = fill.buyer.leg { text.field("buyerLeg", leg.rawValue) }
        if let leg = fill.seller.leg { text.field("sellerLeg", leg.rawValue) }
        if let order = fill.buyer.order { text.field("buyerOrder", order) }
        if let order = fill.seller.order { text.field("sellerOrder", order) }
    }
}
