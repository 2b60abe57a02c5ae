package import Plimsoll
import PlimsollUnits
package import PlimsollWire

// The JSON form of account reports. Decimals are texts, exact and without exponent.
extension JSONWriter {
    /// Writes a decimal, or `null`.
    package mutating func field(_ key: String, decimal value: (some CustomStringConvertible)?) {
        self.key(key)
        if let value { string(value.description) } else { null() }
    }

    /// Writes a list of texts.
    package mutating func field(_ key: String, texts: [String]) {
        self.key(key)
        array { array in
            for text in texts { array.string(text) }
        }
    }

    /// Writes the account's report as one document.
    package mutating func report(_ report: AccountReport, of loaded: LoadedAccount) {
        object { object in
            object.fields(
                of: report,
                directory: loaded.engine.directory,
                rulebook: loaded.rulebook.rulebook
            )
            object.field("notes", texts: loaded.notes)
        }
    }

    /// Writes the fields of a report.
    package mutating func fields(
        of report: AccountReport,
        directory: Directory,
        rulebook: Rulebook?
    ) {
        fields(of: report, directory: directory) { value in
            if let rulebook { value.rulebook(rulebook) } else { value.null() }
        }
    }

    /// Writes the fields of a report, with which rules were used as `rules` writes it.
    package mutating func fields(
        of report: AccountReport,
        directory: Directory,
        rules: (inout JSONWriter) -> Void
    ) {
        field("account", directory.name(report.account))
        field("asset", report.asset)
        key("rulebook")
        rules(&self)
        field("state", report.state.word)
        figures(report.figures)
        collateral(of: report)
        key("pools")
        array { array in
            for pool in report.pools { array.pool(pool, directory) }
        }
        positions(of: report)
        field("stale", texts: report.stale)
        field("missing", texts: report.missing)
    }

    /// Writes every wallet of an account.
    package mutating func collateral(of report: AccountReport) {
        key("collateral")
        array { array in
            for asset in report.collateral { array.collateral(asset) }
        }
    }

    /// Writes the open positions of an account.
    package mutating func positions(of report: AccountReport) {
        key("positions")
        array { array in
            for position in report.positions { array.position(position) }
        }
    }

    /// Writes which rules were used.
    package mutating func rulebook(_ rulebook: Rulebook) {
        object { object in
            object.field("id", rulebook.id)
            object.field("version", rulebook.version)
            object.field("hash", rulebook.fingerprint.hex)
        }
    }

    /// Writes the figures of a pool or an account; each is `null` if they cannot be computed.
    package mutating func figures(_ figures: MarginFigures?) {
        field("equity", decimal: figures?.equity)
        field("walletBalance", decimal: figures?.walletBalance)
        field("unrealizedPnl", decimal: figures?.unrealizedPnl)
        field("initialMargin", decimal: figures?.initialMargin)
        field("positionInitialMargin", decimal: figures?.positionInitialMargin)
        field("orderInitialMargin", decimal: figures?.orderInitialMargin)
        field("maintenanceMargin", decimal: figures?.maintenanceMargin)
        field("availableBalance", decimal: figures?.availableBalance)
        field("withdrawable", decimal: figures?.withdrawable)
        field("marginRatio", decimal: figures?.marginRatio)
        field("freeboard", decimal: figures?.freeboard)
    }

    /// Writes one asset of an account.
    package mutating func collateral(_ asset: CollateralReport) {
        object { object in
            object.field("asset", asset.asset)
            object.field("walletBalance", decimal: asset.walletBalance)
            object.field("isolatedMargin", decimal: asset.isolatedMargin)
            object.field("equity", decimal: asset.equity)
            object.field("collateralValue", decimal: asset.collateralValue)
        }
    }

    private mutating func pool(_ pool: PoolReport, _ directory: Directory) {
        object { object in
            object.field("pool", pool.name(directory))
            object.field("asset", pool.asset)
            object.field("marginMode", (pool.isolated == nil ? MarginMode.cross : .isolated).word)
            if let isolated = pool.isolated {
                object.field("symbol", directory.name(isolated))
                object.field("leg", pool.leg.word)
            }
            object.field("band", pool.band.word)
            object.field("mode", pool.mode.word)
            object.field("isStale", boolean: pool.isStale)
            object.figures(pool.figures)
        }
    }

    /// Writes one position of an account.
    package mutating func position(_ position: PositionReport) {
        let figures = position.figures
        object { object in
            object.field("symbol", position.symbol)
            object.field("leg", position.leg.word)
            object.field("asset", position.asset)
            object.field("quantity", decimal: position.quantity)
            object.field("entryPrice", decimal: position.entryPrice)
            object.field("markPrice", decimal: position.markPrice)
            object.field("notional", decimal: figures?.notional)
            object.field("unrealizedPnl", decimal: figures?.unrealizedPnl)
            object.field("leverage", decimal: position.leverage)
            object.field("leverageIsDefault", boolean: !position.leverageIsChosen)
            object.field("marginMode", position.marginMode.word)
            object.field("isolatedMargin", decimal: position.isolatedMargin)
            object.field("initialMargin", decimal: figures?.initialMargin)
            object.field("maintenanceMargin", decimal: figures?.maintenanceMargin)
            object.field("maintenanceRate", decimal: figures?.maintenanceRate)
            object.field("maintenanceAmount", decimal: figures?.maintenanceAmount)
            object.key("bracket")
            if let bracket = figures?.bracket {
                object.number(bracket + 1)
            } else {
                object.null()
            }
            object.price("liquidationPrice", position.liquidationPrice)
            object.price("bankruptcyPrice", position.bankruptcyPrice)
            object.field("effectiveLeverage", decimal: figures?.effectiveLeverage)
        }
    }

    /// Writes a price, or `null` and beside it why there is none.
    package mutating func price(_ key: String, _ answer: PriceAnswer) {
        field(key, decimal: answer.price)
        if case .none(let reason) = answer { field("\(key)Reason", reason.rawValue) }
    }

    /// Writes the figures of an account at one price of a ladder.
    package mutating func rung(_ rung: LadderRung) {
        object { object in
            object.field("price", decimal: rung.price)
            object.field("equity", decimal: rung.equity)
            object.field("initialMargin", decimal: rung.initialMargin)
            object.field("maintenanceMargin", decimal: rung.maintenanceMargin)
            object.field("marginRatio", decimal: rung.marginRatio)
            object.field("band", rung.band.word)
            object.key("bracket")
            if let bracket = rung.bracket { object.number(bracket + 1) } else { object.null() }
        }
    }

    /// Writes the books of one asset.
    package mutating func total(_ total: AssetTotals, _ directory: Directory) {
        object { object in
            object.field("asset", directory.name(total.asset))
            object.field("deposits", decimal: total.deposits)
            object.field("withdrawals", decimal: total.withdrawals)
            object.field("wallets", decimal: total.wallets)
            object.field("unrealized", decimal: total.unrealized)
            object.field("funds", decimal: total.funds)
            object.field("fees", decimal: total.fees)
            object.field("house", decimal: total.house)
            object.field("inTransit", decimal: total.inTransit)
            object.field("difference", decimal: total.difference)
        }
    }
}
