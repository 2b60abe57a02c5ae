/// The last number of each feed, by its name.
///
/// Events of one feed come in a row, so the name of the last one is compared before a table is asked.
package struct FeedMarks: Sendable {
    private var slots: [String: Int] = [:]
    private var names: [String] = []
    private var numbers: [UInt64] = []
    /// The feed that was noted last; it is no state.
    private var lastName = ""
    private var lastSlot = 0

    /// No feed.
    package init() {}

    /// Where a feed's number is; `nil`: the feed is new.
    @inline(__always)
    package func slot(of name: String) -> Int? {
        if name == lastName, !names.isEmpty { return lastSlot }
        return slots[name]
    }

    /// The last number of a feed.
    package subscript(slot: Int) -> UInt64 { numbers[slot] }

    /// The last number of a feed; `nil`: there is none.
    package subscript(name: String) -> UInt64? { slot(of: name).map { numbers[$0] } }

    /// Notes the number of a feed that is known.
    @inline(__always)
    mutating func note(_ number: UInt64, at slot: Int) {
        numbers[slot] = number
        if lastSlot != slot || lastName.isEmpty { (lastName, lastSlot) = (names[slot], slot) }
    }

    /// Notes the number of any feed.
    package mutating func note(_ number: UInt64, of name: String) {
        if let slot = slot(of: name) { return note(number, at: slot) }
        slots[name] = names.count
        names.append(name)
        numbers.append(number)
        (lastName, lastSlot) = (name, names.count - 1)
    }

    /// All feeds, by name.
    var sorted: [(name: String, number: UInt64)] {
        zip(names, numbers).map { (name: $0, number: $1) }.sorted { $0.name < $1.name }
    }
}
