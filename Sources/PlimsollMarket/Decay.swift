import PlimsollUnits

/// What is left of something that halves again and again, in whole numbers.
enum Decay {
    /// `value × 2^(−elapsed ÷ halfLife)`, toward zero; a half-life of zero or below leaves nothing.
    ///
    /// The binary digits of the broken part of the exponent choose factors of a table of roots, so
    /// that the answer is the same on every machine and right to about 10⁻⁷ of itself.
    ///
    /// - Precondition: the magnitude of `value` is at most 10²⁰, and `elapsed` is not negative.
    static func remaining(_ value: Int128, after elapsed: Int64, halfLife: Int64) -> Int128 {
        guard halfLife > 0 else { return 0 }
        let (halvings, rest) = elapsed.quotientAndRemainder(dividingBy: halfLife)
        guard halvings < 127, value != 0 else { return 0 }
        var left = value
        var digits = Int128(rest) << Int128(roots.count)
        digits = digits.divided(by: Int128(halfLife), rounding: .down)
        for (place, root) in roots.enumerated()
        where digits >> Int128(roots.count - 1 - place) & 1 == 1 {
            left = (left * root).divided(by: scale, rounding: .towardZero)
        }
        return left.divided(by: 1 << Int128(halvings), rounding: .towardZero)
    }

    private static let scale: Int128 = PowerOfTen.sixteen

    /// 2^(−½), 2^(−¼), 2^(−⅛) and so on, in 10⁻¹⁶.
    private static let roots: [Int128] = {
        var roots: [Int128] = []
        var last = scale.divided(by: 2, rounding: .down)
        for _ in 0..<24 {
            last = squareRoot(last * scale)
            roots.append(last)
        }
        return roots
    }()

    /// The square root, rounded down, by Newton's steps from above.
    private static func squareRoot(_ square: Int128) -> Int128 {
        var root = scale
        while true {
            let next = (root + square.divided(by: root, rounding: .down))
                .divided(by: 2, rounding: .down)
            guard next < root else { return root }
            root = next
        }
    }
}
