import Plimsoll
import PlimsollUnits

// The instruments of a rulebook.
extension RulebookReading {
    mutating func instruments() -> [InstrumentRules] {
        let quotes = quotes()
        var rules: [InstrumentRules] = []
        for symbol in draft.instruments.names {
            guard let section = draft.instruments[symbol],
                let instrument = instrument(symbol, section, quotes: quotes)
            else { continue }
            rules.append(instrument)
        }
        if rules.count > Limits.instruments {
            findings.error(
                draft.top.place.fault(
                    "there are \(rules.count) instruments, more than \(Limits.instruments).",
                    remedy: "Split the rulebook."
                )
            )
        }
        return rules
    }

    private mutating func quotes() -> [String] {
        guard let elements = findings.elements(draft.top["quotes"]) else { return [] }
        return elements.compactMap { findings.name($0) }
    }

    private mutating func instrument(
        _ symbol: String,
        _ section: RulebookSection,
        quotes: [String]
    ) -> InstrumentRules? {
        let fields = InstrumentFields(section: section, defaults: draft.sections["defaults"])
        let payoff = payoff(fields, of: symbol)
        let schedule = schedule(of: section, symbol: symbol)
        guard let payoff, let assets = assets(symbol, fields, payoff: payoff, quotes: quotes),
            let schedule
        else { return nil }
        var rules = InstrumentRules(
            symbol: symbol,
            payoff: payoff,
            base: assets.base,
            quote: assets.quote,
            settle: assets.settle,
            schedule: schedule
        )
        rules.expiry = findings.moment(section["expiry"])
        valuation(fields, into: &rules)
        limits(fields, into: &rules)
        return rules
    }

    private mutating func payoff(_ fields: InstrumentFields, of symbol: String) -> Payoff? {
        guard let reader = fields["payoff"] else {
            _ = findings.required("payoff", in: fields.section.place)
            return nil
        }
        return findings.word(reader, RulebookWords.payoffs)
    }

    private mutating func valuation(_ fields: InstrumentFields, into rules: inout InstrumentRules) {
        if let base = findings.word(fields["initialPrice"], RulebookWords.priceBases) {
            rules.initialPrice = base
            rules.isolatedInitialPrice = base
        }
        if let base = findings.word(fields["isolatedInitialPrice"], RulebookWords.priceBases) {
            rules.isolatedInitialPrice = base
        }
        if let base = findings.word(fields["maintenancePrice"], RulebookWords.priceBases) {
            rules.maintenancePrice = base
        }
        if let fee = findings.word(fields["closingFee"], RulebookWords.closingFees) {
            rules.closingFee = fee
        }
        if let rate = findings.fraction(feeRate(fields)) { rules.takerFeeRate = rate }
        if let funding = findings.boolean(fields["fundingInMaintenance"]) {
            rules.fundingInMaintenance = funding
        }
        if let leverage = findings.leverage(fields["defaultLeverage"]) {
            rules.defaultLeverage = leverage
        }
        if let atMaximum = findings.boolean(fields["crossAtMaximumLeverage"]) {
            rules.crossAtMaximumLeverage = atMaximum
        }
    }

    /// `closingFeeRate` and `takerFeeRate` are two names of one figure; a section uses one of them.
    private mutating func feeRate(_ fields: InstrumentFields) -> NodeReader? {
        for section in [fields.section, fields.defaults].compactMap(\.self) {
            let (closing, taker) = (section["closingFeeRate"], section["takerFeeRate"])
            if closing != nil, let taker {
                findings.error(
                    taker.fault(
                        "both 'closingFeeRate' and 'takerFeeRate' are given.",
                        remedy: "Keep one: they are the same fee."
                    )
                )
            }
            if let rate = closing ?? taker { return rate }
        }
        return nil
    }

    private mutating func limits(_ fields: InstrumentFields, into rules: inout InstrumentRules) {
        rules.quantityStep = findings.positiveQuantity(fields["quantityStep"])
        rules.tickSize = findings.price(fields["tick"])
        rules.costScale = findings.integer(fields["costScale"], in: 0...16).map(Int.init)
        rules.requirementScale = findings.integer(fields["requirementScale"], in: 0...16)
            .map(Int.init)
        let price = findings.price(fields["maxPrice"])
        let quantity = findings.positiveQuantity(fields["maxQuantity"])
        if let price { rules.maxPrice = price }
        if let quantity { rules.maxQuantity = quantity }
        guard let price, let quantity, rules.payoff != .inverse else { return }
        let product = quantity.value(at: price)
        if product.units > Limits.notional {
            findings.error(
                fields.section.place.fault(
                    "maxPrice × maxQuantity is \(product), beyond the limit of "
                        + "\(Money(units: Limits.notional)).",
                    remedy: "Lower one of them, or declare a larger unit of quantity."
                )
            )
        }
    }

    private mutating func assets(
        _ symbol: String,
        _ fields: InstrumentFields,
        payoff: Payoff,
        quotes: [String]
    ) -> (base: String, quote: String, settle: String)? {
        let place = fields.section.place
        let read = SymbolReading(symbol, quotes: quotes)
        let namedQuote = findings.name(fields.section["quote"])
        let defaultQuote = findings.name(fields.defaults?["quote"])
        let quote = namedQuote ?? read?.quote ?? defaultQuote
        let base =
            findings.name(fields.section["base"]) ?? read?.base
            ?? (defaultQuote == nil ? nil : SymbolReading.firstPart(symbol))
        var settle = findings.name(fields["settle"])
        if settle == nil {
            switch payoff {
            case .linear: settle = quote
            case .inverse: settle = base
            case .quanto: break
            }
        }
        for (key, value) in [("base", base), ("quote", quote), ("settle", settle)]
        where value == nil && fields[key] == nil {
            let known = quotes.isEmpty ? "none" : quotes.joined(separator: ", ")
            findings.error(
                place.fault(
                    "'\(key)' is missing and does not follow from the symbol "
                        + "(quotes of the rulebook: \(known)).",
                    remedy: "Add '\(key)' with the name of the asset."
                )
            )
        }
        guard let base, let quote, let settle else { return nil }
        return (base, quote, settle)
    }
}

/// An instrument's own fields, with those of `defaults` behind them.
struct InstrumentFields {
    let section: RulebookSection
    let defaults: RulebookSection?

    subscript(_ key: String) -> NodeReader? {
        if let reader = section[key] { return reader }
        return RulebookKeys.defaults.contains(key) ? defaults?[key] : nil
    }
}

/// Base and quote read from a symbol, only by quotes that the rulebook names.
///
/// `BTCUSDT`, `BTC-USDT-SWAP`, `BTC_USDC-PERPETUAL`, `BTCUSD_PERP` and `PF_XBTUSD` have theirs;
/// `BTC-PERPETUAL` and `BTC` have not.
struct SymbolReading: Equatable {
    let base: String
    let quote: String

    init?(_ symbol: String, quotes: [String]) {
        let parts = Self.parts(symbol)
        if parts.count >= 2, quotes.contains(parts[1]) {
            self.init(base: parts[0], quote: parts[1])
            return
        }
        let longestFirst = quotes.sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
        for part in parts {
            for quote in longestFirst where part.hasSuffix(quote) && part != quote {
                self.init(base: String(part.dropLast(quote.count)), quote: quote)
                return
            }
        }
        return nil
    }

    private init(base: String, quote: String) {
        self.base = base
        self.quote = quote
    }

    /// The symbol up to its first `-` or `_`: the base where symbols do not name their quote.
    static func firstPart(_ symbol: String) -> String? { parts(symbol).first }

    private static func parts(_ symbol: String) -> [String] {
        symbol.split { $0 == "-" || $0 == "_" }.map(String.init)
    }
}
