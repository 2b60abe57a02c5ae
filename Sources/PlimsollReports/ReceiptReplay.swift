package import Plimsoll

/// Events in their order, as often as they are wanted: an event file, or a part of a journal.
///
/// A receipt reads them twice, so both times they must be the same.
package protocol EventHistory {
    /// Why the events cannot be read.
    associatedtype Failure: Error

    /// How messages and receipts call the history.
    var name: String { get }

    /// The engine before the first of the events: a new one, or that of a snapshot.
    func start() throws(Failure) -> Engine

    /// Hands each event with its number, a line or a sequence, to `body` until that says to stop.
    ///
    /// `body` applies it to the engine, whose names and clock a file of text needs for what comes next.
    func each(
        _ engine: inout Engine,
        _ body: (inout Engine, Event, _ number: Int) -> Bool
    ) throws(Failure)
}

/// Replays a history twice: once to find a liquidation, once to look at each of its steps.
///
/// The history must reach from before the liquidation to its end. One that begins with a snapshot in which
/// it is under way gives no receipt: begin with an earlier one.
package struct ReceiptReplay<History: EventHistory> {
    private let history: History
    private let number: UInt64
    private let verifies: Bool

    /// The replay of a history for the receipt of one liquidation; `verifies` computes everything again and
    /// says whether it holds.
    package init(_ history: History, number: UInt64, verifies: Bool) {
        self.history = history
        self.number = number
        self.verifies = verifies
    }

    /// The receipt, or `nil` where the history has no such liquidation or begins within it; with how many
    /// liquidations there are.
    package func receipt() throws(History.Failure) -> (receipt: Receipt?, count: UInt64) {
        let index = try index()
        return (try receipt(index), index.count)
    }

    /// The first pass.
    private func index() throws(History.Failure) -> ReceiptIndex {
        var index = ReceiptIndex(number)
        let start = try history.start()
        if start.openLiquidations.contains(where: { $0.liquidation == number }) { return index }
        var engine = start
        var effects: [Effect] = []
        try history.each(&engine) { engine, event, line in
            effects.removeAll(keepingCapacity: true)
            engine.applyOrRefuse(event, emitting: &effects)
            if !effects.isEmpty { index.note(event, effects, line: line) }
            return true
        }
        index.finish(engine)
        // A pool that was below its line before the first event fell where nobody can look.
        if index.fall == nil, let account = index.account, let pool = index.pool,
            start.isLiquidating(pool, of: account)
        {
            index.account = nil
        }
        return index
    }

    /// The second pass.
    private func receipt(_ index: ReceiptIndex) throws(History.Failure) -> Receipt? {
        guard let account = index.account, let pool = index.pool else { return nil }
        let builder = ReceiptBuilder(
            index: index,
            receipt: Receipt(
                number: number,
                count: index.count,
                file: history.name,
                account: account
            ),
            pool: pool,
            verifies: verifies
        )
        var engine = try history.start()
        var effects: [Effect] = []
        var restored: Bool?
        try history.each(&engine) { engine, event, line in
            if verifies, restored == nil, line >= index.first {
                restored = Self.restore(&engine)
            }
            let isOwn = index.lines.contains(line) || index.fall == line
            let moment = isOwn ? engine.moment(of: event, before: pool) : nil
            effects.removeAll(keepingCapacity: true)
            engine.applyOrRefuse(event, emitting: &effects)
            builder.noteMark(event, engine, line: line)
            if (index.first...index.last).contains(line) {
                let scene = ReceiptBuilder.Scene(
                    event: event,
                    effects: effects,
                    line: line,
                    moment: moment,
                    after: engine
                )
                builder.add(scene)
            }
            return verifies || line < index.last
        }
        if verifies {
            builder.addHistory(
                restored: restored == true,
                same: engine.digest == index.digest,
                digest: engine.digest
            )
        }
        return builder.receipt
    }

    /// Goes on with an engine that was made from a snapshot; `false` where that failed.
    private static func restore(_ engine: inout Engine) -> Bool {
        do {
            engine = try Engine(snapshot: engine.snapshot())
            return true
        } catch {
            return false
        }
    }
}

extension Engine {
    /// A pool of an account, if both are there, is below its line or not yet back at its exit level.
    fileprivate func isLiquidating(_ pool: PoolID, of account: AccountID) -> Bool {
        directory.accounts.indices.contains(Int(account.index))
            && standing(of: account).contains { $0.pool == pool && $0.mode == .liquidating }
    }
}
