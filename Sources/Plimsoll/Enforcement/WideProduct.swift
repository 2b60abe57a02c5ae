/// A product of two 128-bit magnitudes in 256 bits, so that ratios are compared without rounding.
struct WideProduct: Hashable, Comparable, Sendable {
    private var high: UInt128
    private var low: UInt128

    /// Nothing.
    static let zero = WideProduct(0, 0)
    /// One.
    static let one = WideProduct(1, 1)

    /// `lhs × rhs`.
    init(_ lhs: UInt128, _ rhs: UInt128) {
        (high, low) = lhs.multipliedFullWidth(by: rhs)
    }

    /// It is zero.
    var isZero: Bool { high == 0 && low == 0 }

    /// In ascending order.
    static func < (lhs: WideProduct, rhs: WideProduct) -> Bool {
        (lhs.high, lhs.low) < (rhs.high, rhs.low)
    }

    /// Whether `a × b < c × d`, in 512 bits.
    static func isLess(
        _ a: WideProduct,
        times b: WideProduct,
        than c: WideProduct,
        times d: WideProduct
    ) -> Bool {
        limbs(a, b) < limbs(c, d)
    }

    /// `a × b`, the most significant limb first.
    private static func limbs(
        _ a: WideProduct,
        _ b: WideProduct
    ) -> (UInt128, UInt128, UInt128, UInt128) {
        let bottom = a.low.multipliedFullWidth(by: b.low)
        let left = a.low.multipliedFullWidth(by: b.high)
        let right = a.high.multipliedFullWidth(by: b.low)
        let top = a.high.multipliedFullWidth(by: b.high)
        let (second, carry) = sum(bottom.high, left.low, right.low)
        let (third, more) = sum(left.high, right.high, top.low)
        let (carried, overflow) = third.addingReportingOverflow(carry)
        return (top.high + more + (overflow ? 1 : 0), carried, second, bottom.low)
    }

    /// The sum of three limbs and what it carries into the next one.
    private static func sum(_ a: UInt128, _ b: UInt128, _ c: UInt128) -> (UInt128, UInt128) {
        let (first, one) = a.addingReportingOverflow(b)
        let (second, other) = first.addingReportingOverflow(c)
        return (second, (one ? 1 : 0) + (other ? 1 : 0))
    }
}

/// A search for the largest whole number that a condition holds for.
enum LargestWhole {
    /// The largest number from 0 to `Int64.max` for which `holds` is true, if it holds up to one number
    /// and for none after it; 0 where it never holds.
    static func number(where holds: (UInt128) -> Bool) -> Int64 {
        var lower: UInt128 = 0
        var upper = UInt128(Int64.max) + 1
        while upper - lower > 1 {
            let middle = (lower + upper) >> 1
            if holds(middle) { lower = middle } else { upper = middle }
        }
        return Int64(lower)
    }
}
