import Plimsoll
import PlimsollReports
import PlimsollUnits
import PlimsollWire

extension JSONWriter {
    /// Writes what a replay found as one document.
    mutating func replay(_ run: ReplayRun, account: AccountID?, broken: [String]) {
        let engine = run.engine
        object { object in
            object.field("digest", engine.digest.hex)
            object.field("stateDigest", engine.stateDigest.hex)
            object.field("events", number: run.events)
            object.field("repeated", number: run.repeated)
            object.key("refused")
            object.refusals(run)
            object.field("pricesRefused", number: run.pricesRefused)
            object.key("belowMaintenance")
            object.array { array in
                for fall in run.falls { array.fall(fall, engine.directory) }
            }
            if !run.actions.isEmpty {
                object.key("enforcement")
                object.actions(run)
            }
            if !run.waterfall.isEmpty || run.market != nil { object.waterfall(run) }
            object.key("totals")
            object.array { array in
                for total in engine.totals() { array.total(total, engine.directory) }
            }
            object.field("accounts", number: run.accounts.count)
            object.field("accountsBelowZero", number: engine.accountsBelowZero().count)
            object.key("bands")
            object.object { bands in
                for (band, count) in run.bands() { bands.field(band.word, number: count) }
            }
            object.field("brokenInvariants", texts: broken)
            guard let account else { return }
            object.key("account")
            object.object { own in
                own.fields(
                    of: engine.report(account),
                    directory: engine.directory,
                    rulebook: engine.rulebook(of: engine.venue(of: account))
                )
            }
        }
    }

    private mutating func refusals(_ run: ReplayRun) {
        object { object in
            object.field("count", number: run.refusals.count)
            object.key("byCode")
            object.array { array in
                for kind in run.refusals.kinds {
                    array.object { entry in
                        entry.field("code", kind.code)
                        entry.field("count", number: kind.count)
                        entry.field("first", kind.firstLine.map { "\(run.file):\($0)" } ?? "market")
                        entry.field("problem", kind.problem)
                        entry.field("remedy", kind.remedy)
                    }
                }
            }
        }
    }

    private mutating func fall(_ fall: ReplayRun.Fall, _ directory: Directory) {
        object { object in
            object.field("account", directory.name(fall.change.account))
            object.field("pool", fall.change.poolName(directory, asset: fall.asset))
            object.key("symbol")
            if let isolated = fall.change.isolated {
                object.string(directory.name(isolated))
            } else {
                object.null()
            }
            object.field("asset", fall.asset)
            object.field("time", number: fall.time.nanoseconds / 1_000_000)
            object.field("equity", decimal: fall.change.equity)
            object.field("maintenance", decimal: fall.change.maintenance)
            object.field("reason", fall.change.reason)
            object.key("cause")
            object.object { cause in
                cause.field("type", fall.cause.event.rawValue)
                cause.field("symbol", ifPresent: fall.cause.symbol)
                cause.field("price", ifPresent: fall.cause.price?.description)
                if let line = fall.line { cause.field("line", number: line) }
            }
        }
    }
}

extension JSONWriter {
    /// Writes what a replay saw of enforcement, in order.
    mutating func actions(_ run: ReplayRun) {
        var effects = EffectWriter()
        array { array in
            for action in run.actions {
                array.object { object in
                    effects.write(action.effect, of: run.engine, to: &object)
                    object.field("time", number: action.time.nanoseconds / 1_000_000)
                    if let line = action.line { object.field("line", number: line) }
                }
            }
        }
    }
}
