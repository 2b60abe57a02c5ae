/// A small seeded generator: the same seed gives the same world everywhere.
package struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    /// A generator that begins with `seed`.
    package init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z &>> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z &>> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z &>> 31)
    }

    /// True in `percent` of a hundred draws.
    package mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &self) < percent
    }

    /// A number from `range`.
    package mutating func int(_ range: ClosedRange<Int64>) -> Int64 {
        Int64.random(in: range, using: &self)
    }

    /// One of `choices`, which are not empty.
    package mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: 0..<choices.count, using: &self)]
    }

    /// The same bytes with one of them changed, doubled or left out, one more, or cut off somewhere.
    package mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
        var copy = bytes
        guard !copy.isEmpty else { return [UInt8.random(in: .min ... .max, using: &self)] }
        let place = Int.random(in: copy.indices, using: &self)
        switch int(0...6) {
        case 0: copy[place] ^= 1 << UInt8(int(0...7))
        case 1: copy[place] = .random(in: .min ... .max, using: &self)
        case 2: copy.remove(at: place)
        case 3: copy.insert(.random(in: .min ... .max, using: &self), at: place)
        case 4: copy.insert(copy[place], at: place)
        case 5: copy[place] = .random(in: 0x20...0x7e, using: &self)
        default: copy.removeSubrange(place...)
        }
        return copy
    }
}
