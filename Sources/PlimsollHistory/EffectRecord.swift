package import PlimsollUnits

/// An effect as it is kept.
package struct EffectRecord: Hashable, Sendable {
    /// Where it stands in the order of all effects; a cursor.
    package var place: EffectPlace
    /// When its event was accepted.
    package var time: Timestamp
    /// The word of its kind, as in its JSON.
    package var type: String
    /// The effect as a JSON object.
    package var json: String

    /// The event that had it.
    package var sequence: UInt64 { place.sequence }
}

/// The place of an effect: the event's number and its own among the effects of the event.
///
/// One number, so that it is a key and a cursor: 39 bits of the event, 24 of the effect.
package struct EffectPlace: Hashable, Comparable, Sendable {
    static let bits = 24
    /// The largest number of an event.
    static let lastSequence = UInt64(1) << 39 - 1
    /// Effects of one event that have a place; one event of the largest book has fewer.
    static let perEvent = 1 << bits

    /// The number.
    package let value: Int64

    init(value: Int64) { self.value = value }

    /// The place of the `number`-th effect, from 0, of an event.
    init(sequence: UInt64, number: Int) {
        value = Int64(min(sequence, Self.lastSequence)) << Self.bits | Int64(number)
    }

    /// A cursor that was given out; `nil` if it cannot be one.
    package init?(cursor: String) {
        guard let value = Int64(cursor), value >= 0 else { return nil }
        self.value = value
    }

    /// As a cursor.
    package var cursor: String { String(value) }

    /// The event's number.
    package var sequence: UInt64 { UInt64(value >> Self.bits) }

    /// In the order in which they happened.
    package static func < (lhs: EffectPlace, rhs: EffectPlace) -> Bool { lhs.value < rhs.value }
}

/// A part of a list, and where the rest begins.
package struct HistoryPage<Item: Sendable>: Sendable {
    /// The items.
    package var items: [Item]
    /// What to ask for next; `nil`: there is no more.
    package var next: String?
}
