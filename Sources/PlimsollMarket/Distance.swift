/// How far a price is from the middle of a book, as a share of the middle, in steps of 10⁻¹⁶.
///
/// A basis point is 10¹² steps. Invariant: `0 <= units <= 9 × 10¹⁶`, which is 900 %.
public struct Distance: Hashable, Comparable, Sendable {
    /// Steps of 10⁻¹⁶.
    public let units: Int64

    /// The distance of `units` steps, or the nearest that there is.
    public init(clamping units: Int128) {
        self.units = Int64(min(max(units, 0), 90_000_000_000_000_000))
    }

    /// A distance in hundredths of a basis point, or the nearest that there is.
    public init(basisPointHundredths: Int64) {
        self.init(clamping: Int128(basisPointHundredths) * 10_000_000_000)
    }

    /// The middle itself.
    public static let zero = Distance(clamping: 0)
    /// Where every book ends: 900 %.
    public static let furthest = Distance(clamping: .max)

    /// In ascending order.
    public static func < (lhs: Distance, rhs: Distance) -> Bool { lhs.units < rhs.units }
}
