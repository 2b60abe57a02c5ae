/// The heights of many values over a time that moves along, in a dozen parts.
///
/// What was seen in a part is forgotten with the whole part, so that the time is met to a twelfth and a value
/// costs two comparisons. Values are in steps of 10⁻⁶: 104 bytes for each that is watched.
struct FallWindow: Sendable {
    private static let parts = 12
    private static let unit: Int128 = 10_000_000_000

    /// Milliseconds of a part.
    private let span: Int64
    /// Heights by part, then by number of the value.
    private var heights: [[Int64]]
    /// The highest of all parts but the current one.
    private var before: [Int64] = []
    /// The number of the current part.
    private var part: Int64 = .min

    /// A window of some seconds.
    init(seconds: Int64) {
        span = max(1, seconds * 1_000 / Int64(Self.parts))
        heights = Array(repeating: [], count: Self.parts)
    }

    /// Goes on to a time in milliseconds, which never goes back.
    mutating func advance(to time: Int64) {
        let next = time / span
        guard next > part else { return }
        let passed = part == .min ? Int64(Self.parts) : next - part
        for step in 0..<min(passed, Int64(Self.parts)) { clear(next - step) }
        part = next
        before = Array(repeating: .min, count: before.count)
        for slot in heights.indices where slot != current {
            for index in heights[slot].indices {
                before[index] = max(before[index], heights[slot][index])
            }
        }
    }

    private var current: Int { Int(part % Int64(Self.parts)) }

    private mutating func clear(_ number: Int64) {
        let slot = Int(number % Int64(Self.parts))
        heights[slot] = Array(repeating: .min, count: before.count)
    }

    /// Notes a level, and tells the highest of the window in levels, this one included.
    mutating func highest(_ index: Int, _ level: Int128) -> Int128 {
        if index >= before.count { grow(to: index + 1) }
        let value = Int64(clamping: level >= 0 ? level / Self.unit : (level - Self.unit + 1) / Self.unit)
        let height = max(heights[current][index], value)
        heights[current][index] = height
        return Int128(max(before[index], height)) * Self.unit
    }

    private mutating func grow(to count: Int) {
        let more = max(count, before.count * 2) - before.count
        before += repeatElement(.min, count: more)
        for slot in heights.indices { heights[slot] += repeatElement(.min, count: more) }
    }
}
