import PlimsollWire

/// What became of one vector.
package enum Outcome: Sendable {
    /// Every figure is within its tolerance.
    case passed(String)
    /// A figure is not, or there is none; with the figures or the reason.
    case failed(String)
    /// Nothing was compared, and why.
    case skipped(String)

    /// The line that is printed for it.
    package func line(_ id: String) -> String {
        switch self {
        case .passed(let text): "pass \(id)  \(text)"
        case .failed(let text): "FAIL \(id)  \(text)"
        case .skipped(let text): "skip \(id)  \(text)"
        }
    }
}

/// Runs vectors through the engine.
package enum Runner {
    private typealias Maker = @Sendable (Vector, Venue, Inputs) throws -> any KindCase

    /// The kinds that are claimed, and what gives their figures.
    private static let kinds: [String: Maker] = [
        "unrealized_pnl": position,
        "initial_margin": position,
        "maintenance_margin": position,
        "liquidation_price": position,
        "bankruptcy_price": position,
        "position_snapshot": position,
        "margin_balance": { try AccountCase($0, $1, $2) },
        "margin_ratio": { try AccountCase($0, $1, $2) },
        "available_balance": { try AccountCase($0, $1, $2) },
        "order_margin": { try OrderCase($0, $1, $2) },
        "tier_lookup": { try TierLookupCase($0, $1, $2) },
        "tier_amounts": { try TierAmountsCase($0, $1, $2) },
        "collateral_discount": { try CollateralDiscountCase($0, $1, $2) },
        "multi_asset_rates": { try MultiAssetCase($0, $1, $2) },
        "multi_asset_equity": { try MultiAssetCase($0, $1, $2) },
        "multi_asset_available": { try MultiAssetAvailableCase($0, $1, $2) },
        "funding_payment": { try FundingCase($0, $1, $2) },
        "hyperliquid_liquidation_price": { try HyperliquidCase($0, $1, $2) },
        "dydx_margin": { try DydxMarginCase($0, $1, $2) },
        "dydx_net_notional": { try DydxMarginCase($0, $1, $2) },
        "dydx_bankruptcy_price": { try DydxBankruptcyCase($0, $1, $2) },
        "dydx_funding_settlement": { try DydxFundingCase($0, $1, $2) },
        "dydx_fillable_price": { try DydxFillableCase($0, $1, $2) },
        "dydx_insurance_delta_valid": { try FundChangeCase($0, $1, $2) },
        "adl_leverage_pnl": { try MarginRatioRankCase($0, $1, $2) },
        "adl_pnl_ratio_x_leverage": { try LeverageRankCase($0, $1, $2) },
        "adl_queue_fill": { try QueueFillCase($0, $1, $2) },
        "adl_trigger": { try DebtTriggerCase($0, $1, $2) },
        "adl_trigger_insurance_drawdown": { try DrawdownCase($0, $1, $2) },
        "liquidation_step": { try CutCase($0, $1, $2) },
        "vega_liquidation_step": { try SliceCase($0, $1, $2) },
        "vega_liquidation_price": { try VegaPriceCase($0, $1, $2) },
        "vega_loss_socialisation": { try VegaLossCase($0, $1, $2) },
        "percolator_haircut": { try LayersCase($0, $1, $2) },
        "drift_base_to_cover": { try DriftCoverCase($0, $1, $2) },
        "drift_perp_insurance_fee": { try DriftFundFeeCase($0, $1, $2) },
        "drift_time_liquidation_fee": { try DriftTimeFeeCase($0, $1, $2) },
        "drift_bankruptcy_funding_delta": { try DriftFundingCase($0, $1, $2) },
    ]

    /// The kinds that are claimed.
    package static var claimedKinds: Set<String> { Set(kinds.keys) }

    /// A vector about one position: of a size or a value; of an order where it has an order's price;
    /// of an account's sums where it has neither.
    private static let position: Maker = { vector, venue, inputs in
        if inputs.has("order_price") { return try OrderCase(vector, venue, inputs) }
        let hasValue = ["quantity", "entry_value", "entry_cost", "notional"]
            .contains { inputs.has($0) }
        return hasValue
            ? try PositionCase(vector, venue, inputs) : try AccountCase(vector, venue, inputs)
    }

    /// Why a vector is not run, if it is not.
    package static func reasonToSkip(_ vector: Vector) -> String? {
        guard kinds[vector.kind] != nil else { return "the kind '\(vector.kind)' is not claimed" }
        if vector.venue == "nautilus-bitmex" {
            return "the model divides maintenance by leverage, which no venue does"
        }
        let haircut = ["equity_haircut", "principal_after"]
        if vector.kind == "percolator_haircut",
            vector.expected.contains(where: { haircut.contains($0.key) })
        {
            return "the source takes what it drew from the fund off the assets again, so its "
                + "haircut is larger than the hole"
        }
        guard Venue(rawValue: vector.venue) == nil else { return nil }
        return "the rules of '\(vector.venue)' are not known here"
    }

    /// Runs one vector.
    package static func run(_ vector: Vector) -> Outcome {
        if let reason = reasonToSkip(vector) { return .skipped(reason) }
        guard let venue = Venue(rawValue: vector.venue), let make = kinds[vector.kind] else {
            return .skipped("not claimed")
        }
        let vector = vector.withSatoshi(venue)
        do {
            let inputs = try Inputs(vector.inputs, units: vector.units)
            let answers = try make(vector, venue, inputs)
            let unread = inputs.unread
            guard unread.isEmpty else {
                return .failed(
                    "no rule of \(venue.rawValue) for \(vector.kind) uses the input "
                        + unread.sorted().joined(separator: ", ")
                )
            }
            return try compare(vector, answers)
        } catch VectorError.skipped(let reason) {
            return .skipped(reason)
        } catch VectorError.failed(let reason) {
            return .failed(reason)
        } catch {
            return .failed("\(error)")
        }
    }

    private static func compare(_ vector: Vector, _ answers: any KindCase) throws -> Outcome {
        var passes = true
        var parts: [String] = []
        for (key, wanted) in vector.expected {
            var answer: Answer?
            var why = ""
            do {
                answer = try answers.answer(key).inUnit(vector.units[key])
            } catch VectorError.failed(let reason) {
                why = reason
            }
            let isNear =
                try answer.map { try wanted.accepts($0, vector.tolerances[key]) } ?? false
            passes = passes && isNear
            parts.append("\(key) \(wanted.text) \(answer?.text ?? "(\(why))")")
        }
        let text = parts.joined(separator: "  ")
        return passes ? .passed(text) : .failed(text)
    }
}

extension Answer {
    /// The figure in the unit of the vector: coins, or satoshi.
    fileprivate func inUnit(_ unit: String?) throws -> Answer {
        guard unit == "sat", case .number(let number) = self else { return self }
        return .number(try number.shifted(by: 8))
    }
}

extension Vector {
    /// BitMEX counts in satoshi: where a vector of its gives an entry cost and no units, its amounts
    /// are satoshi.
    fileprivate func withSatoshi(_ venue: Venue) -> Vector {
        guard venue == .bitmex, units.isEmpty, inputs.has("entry_cost") else { return self }
        var vector = self
        vector.units["entry_cost"] = "sat"
        for (key, _) in expected where !key.hasSuffix("_price") { vector.units[key] = "sat" }
        return vector
    }
}
