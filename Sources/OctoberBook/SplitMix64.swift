/// The seeded generator behind every choice of the book: integers only, the same on every machine.
///
/// Each use has its own stream, named by a list of numbers, so that one account's choices do not
/// move when there are more accounts, and one bar's path does not depend on the window around it.
struct SplitMix64 {
    private var state: UInt64

    /// The stream that `parts` name under `seed`.
    init(seed: UInt64, _ parts: Int...) {
        state = SplitMix64.mixed(seed)
        for part in parts { state = SplitMix64.mixed(state ^ UInt64(bitPattern: Int64(part))) }
    }

    /// The next 64 bits.
    mutating func next() -> UInt64 {
        defer { state &+= 0x9E37_79B9_7F4A_7C15 }
        return SplitMix64.mixed(state)
    }

    /// A whole number in `range`, by the high half of a product.
    mutating func number(_ range: ClosedRange<Int>) -> Int {
        let width = UInt64(range.upperBound - range.lowerBound) + 1
        return range.lowerBound + Int(next().multipliedFullWidth(by: width).high)
    }

    /// True in `perMille` of a thousand draws.
    mutating func chance(perMille: Int) -> Bool { number(0...999) < perMille }

    /// An index of `weights`, each as likely as its weight says.
    mutating func index(weights: [Int]) -> Int {
        var draw = number(1...weights.reduce(0, +))
        for (index, weight) in weights.enumerated() {
            draw -= weight
            if draw <= 0 { return index }
        }
        return weights.count - 1
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var bits = value &+ 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
