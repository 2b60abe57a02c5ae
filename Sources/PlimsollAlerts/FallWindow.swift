/// The heights of many values over a time that moves along, in a dozen parts.
///
/// What was seen in a part is forgotten with the whole part, so that the time is met to an eleventh, never less, and a value
/// costs two comparisons. 104 bytes for each that is watched.
struct FallWindow: Sendable {
    private static let parts = 12

    /// Milliseconds of a part.
    private let span: Int64
    /// Heights by part, then by number of the value.
    private var heights: [[Int64]]
    /// The highest of all parts but the current one.
    private var before: [Int64] = []
    /// The number of the current part.
    private var part: Int64 = .min
    /// The place of its heights.
    private var current = 0

    /// A window of some seconds.
    init(seconds: Int64) {
        // One part is always under way: the others are the whole time.
        span = seconds * 1_000 / Int64(Self.parts - 1) + 1
        heights = Array(repeating: [], count: Self.parts)
    }

    /// The time that it covers at least, in milliseconds.
    var length: Int64 { span * Int64(Self.parts - 1) }

    /// Goes on to a time in milliseconds, which never goes back.
    mutating func advance(to time: Int64) {
        let next = time / span
        guard next > part else { return }
        let passed = part == .min ? Int64(Self.parts) : next - part
        for step in 0..<min(passed, Int64(Self.parts)) { clear(next - step) }
        (part, current) = (next, Self.slot(of: next))
        before = Array(repeating: .min, count: before.count)
        for slot in heights.indices where slot != current {
            for index in heights[slot].indices {
                before[index] = max(before[index], heights[slot][index])
            }
        }
    }

    private static func slot(of part: Int64) -> Int {
        let rest = Int(part % Int64(parts))
        return rest < 0 ? rest + parts : rest
    }

    private mutating func clear(_ number: Int64) {
        heights[Self.slot(of: number)] = Array(repeating: .min, count: before.count)
    }

    /// Notes a value, and tells the highest of the window, this one included.
    mutating func highest(_ index: Int, _ value: Int64) -> Int64 {
        if index >= before.count { grow(to: index + 1) }
        let height = max(heights[current][index], value)
        heights[current][index] = height
        return max(before[index], height)
    }

    private mutating func grow(to count: Int) {
        let more = max(count, before.count * 2) - before.count
        before += repeatElement(.min, count: more)
        for slot in heights.indices { heights[slot] += repeatElement(.min, count: more) }
    }
}
