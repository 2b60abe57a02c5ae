import Plimsoll
import PlimsollReports
import PlimsollMarket
import PlimsollUnits
import PlimsollWire

extension JSONWriter {
    /// Writes replays of one history under several policies as one document.
    mutating func comparison(_ runs: [ReplayRun]) {
        object { object in
            object.key("policies")
            object.array { array in
                for run in runs {
                    array.object { entry in
                        entry.field("policy", ifPresent: run.policy?.rawValue)
                        entry.field("digest", run.engine.digest.hex)
                        entry.field("stateDigest", run.engine.stateDigest.hex)
                        entry.field("events", number: run.events)
                        entry.field("refused", number: run.refusals.count)
                        entry.field("unansweredOrders", number: run.unansweredOrders)
                        entry.waterfall(run)
                        entry.field(
                            "accountsBelowZero",
                            number: run.engine.accountsBelowZero().count
                        )
                        entry.field("brokenInvariants", texts: run.engine.brokenInvariants())
                    }
                }
            }
        }
    }

    /// Writes the fields `waterfall`, by settlement asset, and `market`, if one was modelled.
    mutating func waterfall(_ run: ReplayRun) {
        key("waterfall")
        array { array in
            for asset in run.waterfall.keys.sorted() {
                guard let sum = run.waterfall[asset] else { continue }
                array.object { $0.fields(of: sum, run.end(in: asset), asset) }
            }
        }
        guard let market = run.market else { return }
        key("market")
        object { $0.fields(of: market) }
    }

    private mutating func fields(
        of sum: WaterfallSummary,
        _ end: ReplayRun.End,
        _ asset: String
    ) {
        field("asset", asset)
        field("liquidations", number: sum.liquidations.count)
        field("orders", number: sum.orders)
        field("ordered", decimal: sum.ordered)
        field("takenOver", number: sum.takeovers)
        field("takenOverNotional", decimal: sum.takenOver)
        field("fundsPaidIn", decimal: end.fundsPaidIn)
        field("fundFees", decimal: sum.fundFees)
        field("fundPaid", decimal: sum.fundPaid)
        field("fundRealizedPnl", decimal: end.fundRealized(sum))
        field("fundCash", decimal: end.fundCash)
        field("fundUnrealizedPnl", decimal: end.fundUnrealized)
        field("deleveraged", number: sum.deleveraged)
        field("deleveragedNotional", decimal: sum.deleveragedNotional)
        field("forgone", decimal: sum.forgone)
        field("bankruptcies", number: sum.bankruptcies)
        field("payers", number: sum.payers.count)
        field("socialised", decimal: sum.socialised)
        field("takenFromWinners", decimal: sum.taken)
        field("paidByHouse", decimal: sum.paidByHouse)
        field("difference", decimal: end.difference)
    }

    private mutating func fields(of market: ReplayMarket) {
        let report = market.report
        key("assumed")
        object { assumed in
            assumed.field("depth", decimal: market.options.assumptions.depthShare)
            assumed.field("latency", number: market.options.latency / 1_000_000)
            assumed.field("lastingImpact", decimal: market.options.assumptions.lastingShare)
            assumed.field(
                "refillHalfLife",
                number: market.options.assumptions.refillHalfLife / 1_000_000
            )
            assumed.field(
                "impactHalfLife",
                number: market.options.assumptions.impactHalfLife / 1_000_000
            )
        }
        field("orders", number: report.orders)
        field("filledWhole", number: report.filledWhole)
        field("notFilled", number: report.notFilled)
        field("ordered", decimal: report.ordered)
        field("filled", decimal: report.filled)
        field("extrapolated", decimal: report.extrapolated)
        field("extrapolatedShare", decimal: report.extrapolatedShare)
        field("largestImpact", decimal: report.largestImpact)
        field("leftOut", number: market.leftOut)
        field("unansweredVenues", texts: market.unanswered)
        key("borrowed")
        array { array in
            for entry in market.borrowed {
                array.object { object in
                    object.field("symbol", entry.symbol)
                    object.field("from", ifPresent: entry.from?.rawValue)
                }
            }
        }
    }
}
