package import Plimsoll
package import PlimsollUnits

/// What would be if every price of a book moved by one fraction.
package struct BookMove: Hashable, Sendable {
    /// The fraction: −0.1 is ten per cent down.
    package var change: Rate
    /// How many events the engine had seen when it was computed.
    package var sequence: UInt64
    /// Who would be below the line; `nil` where a price would be beyond its limit.
    package var below: BelowLine?

    /// What a move would do to a venue's book now, exactly.
    ///
    /// All marks move, and the indexes of what they are marks of; nothing follows from it: no liquidation,
    /// no takeover. It costs a sweep over all positions, and a second look at each pool below its line.
    package init(_ engine: Engine, _ venue: VenueID, by change: Rate) {
        self.change = change
        sequence = engine.sequence
        var book = SupposedBook(engine)
        do {
            try book.moveAll(of: venue, by: change)
            below = book.below(in: venue)
        } catch {
            below = nil
        }
    }
}

/// A table of moves, some of which are computed anew at each sample: each says at which event.
package struct MoveTable: Sendable {
    /// −30 % to +30 % in steps of 2.5 %.
    package static let changes = (-12...12).map { Rate(unchecked: Int64($0) * 2_500_000) }

    /// The moves, the deepest fall first; none before the first refreshing.
    package private(set) var moves: [BookMove] = []
    private var next = 0

    /// A table that has not been computed yet.
    package init() {}

    /// Computes the next `count` moves anew, all of them the first time.
    package mutating func refresh(_ engine: Engine, _ venue: VenueID, count: Int) {
        guard !moves.isEmpty else {
            moves = Self.changes.map { BookMove(engine, venue, by: $0) }
            return
        }
        for _ in 0..<min(count, moves.count) {
            moves[next] = BookMove(engine, venue, by: moves[next].change)
            next = (next + 1) % moves.count
        }
    }
}
