import Foundation

/// A small seeded generator: the same seed gives the same world everywhere.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z &>> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z &>> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z &>> 31)
    }

    /// True in `percent` of a hundred draws.
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    /// A number from `range`.
    mutating func int(_ range: ClosedRange<Int64>) -> Int64 {
        Int64.random(in: range, using: &self)
    }

    /// One of `choices`, which are not empty.
    mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: 0..<choices.count, using: &self)]
    }
}

/// Which seeds a property runs with: a few, or many with `PLIMSOLL_SOAK=1`; `PLIMSOLL_SEED` moves
/// the first one.
enum Seeds {
    static let isSoak = ProcessInfo.processInfo.environment["PLIMSOLL_SOAK"] == "1"
    static let base = ProcessInfo.processInfo.environment["PLIMSOLL_SEED"].flatMap(UInt64.init) ?? 1

    static func of(_ count: UInt64) -> [UInt64] {
        (0..<(isSoak ? count * 20 : count)).map { base &+ $0 }
    }
}
