public import PlimsollUnits

/// How much rests within a distance of the middle, on one side of a book: a line through points.
///
/// It begins with nothing at the middle and rises in straight pieces through its points. Beyond the
/// last point nothing was observed: the last piece goes on with the same slope, and whoever asks is
/// told which part of an answer lies there. Depth is notional at the middle, in the quote currency,
/// so that a shape keeps its meaning when prices change.
public struct BookShape: Hashable, Sendable {
    /// All that rests within one distance.
    public struct Point: Hashable, Sendable {
        /// The distance, above zero.
        public var distance: Distance
        /// What rests up to there, valued at the middle.
        public var depth: Money
        /// `depth` within `distance`.
        public init(distance: Distance, depth: Money) {
            self.distance = distance
            self.depth = depth
        }
    }

    /// A part of a shape between two distances, within which depth is spread evenly.
    struct Span: Hashable {
        var lower: Distance
        var upper: Distance
        var depth: Int128
        var isExtrapolated: Bool
    }

    /// The points, the nearest first.
    public let points: [Point]

    /// A shape through `points`; `nil` unless distances rise from above zero and depth never falls.
    public init?(_ points: [Point]) {
        var last = Point(distance: .zero, depth: .zero)
        for point in points {
            guard point.distance > last.distance, point.depth >= last.depth,
                point.depth.units <= Limits.money
            else { return nil }
            last = point
        }
        self.points = points
    }

    private init() { points = [] }

    /// A book in which nothing rests.
    public static let empty = BookShape()

    /// The last distance that was observed.
    public var observed: Distance { points.last?.distance ?? .zero }

    /// What rests within `distance`, rounded down; at most `Limits.money`.
    public func depth(within distance: Distance) -> Money {
        var last = Point(distance: .zero, depth: .zero)
        for piece in pieces {
            guard distance > piece.upper.distance else {
                return Money(units: piece.depth(within: distance))
            }
            last = piece.upper
        }
        return last.depth
    }

    /// The least distance within which `depth` rests, rounded up; `nil` if it does nowhere.
    public func distance(holding depth: Money) -> Distance? {
        guard depth.units > 0 else { return .zero }
        return pieces.first { $0.upper.depth >= depth }?.distance(holding: depth.units)
    }

    /// The parts of the shape between two distances, the nearest first.
    func spans(from lower: Distance, to upper: Distance) -> [Span] {
        pieces.compactMap { piece in
            let from = max(lower, piece.lower.distance)
            let to = min(upper, piece.upper.distance)
            guard from < to else { return nil }
            return Span(
                lower: from,
                upper: to,
                depth: piece.depth(within: to) - piece.depth(within: from),
                isExtrapolated: piece.isExtrapolated
            )
        }
    }

    /// The straight pieces, the nearest first; the last one is extrapolated.
    private var pieces: [Piece] {
        var pieces: [Piece] = []
        var last = Point(distance: .zero, depth: .zero)
        for point in points {
            pieces.append(Piece(lower: last, upper: point, isExtrapolated: false))
            last = point
        }
        guard let beyond = pieces.last?.continued, beyond.upper.distance > last.distance else {
            return pieces
        }
        return pieces + [beyond]
    }
}

/// A straight piece of a shape.
private struct Piece {
    var lower: BookShape.Point
    var upper: BookShape.Point
    var isExtrapolated: Bool

    private var run: Int128 { Int128(upper.distance.units - lower.distance.units) }
    private var rise: Int128 { upper.depth.units - lower.depth.units }

    /// What rests within a distance that is not before the piece, rounded down.
    func depth(within distance: Distance) -> Int128 {
        let far = Int128(distance.units - lower.distance.units)
        let more = rise.multiplied(by: far, dividedBy: run, rounding: .down)
        return lower.depth.units + (more ?? rise)
    }

    /// The least distance that holds a depth of this piece, rounded up.
    func distance(holding depth: Int128) -> Distance {
        guard depth > lower.depth.units, rise > 0 else { return lower.distance }
        let far = (depth - lower.depth.units).multiplied(by: run, dividedBy: rise, rounding: .up)
        return Distance(clamping: Int128(lower.distance.units) + (far ?? run))
    }

    /// What follows this piece with the same slope: to the furthest distance, or until the depth is
    /// the largest amount that is held.
    var continued: Piece {
        let room = Limits.money - upper.depth.units
        let far = Int128(Distance.furthest.units - upper.distance.units)
        let more = rise.multiplied(by: far, dividedBy: run, rounding: .down)
        if let more, more <= room { return extended(by: far, depth: more) }
        let reach = room.multiplied(by: run, dividedBy: rise, rounding: .down) ?? 0
        return extended(by: reach, depth: room)
    }

    private func extended(by far: Int128, depth more: Int128) -> Piece {
        let end = BookShape.Point(
            distance: Distance(clamping: Int128(upper.distance.units) + far),
            depth: Money(units: upper.depth.units + more)
        )
        return Piece(lower: upper, upper: end, isExtrapolated: true)
    }
}
