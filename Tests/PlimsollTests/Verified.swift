@testable import Plimsoll
import PlimsollUnits
import PlimsollVerification

/// An engine and a verifier that hear of the same events, unless somebody comes between.
struct Verified {
    private(set) var engine = Engine()
    private(set) var verifier = Verifier { .zero }

    init() {}

    /// Plays events; `hearing` says what the verifier hears of each, by its number.
    init(_ events: [Event], hearing: (Int, Event) -> [Event] = { [$1] }) {
        var number: UInt64 = 0
        for (index, event) in events.enumerated() {
            var effects: [Effect] = []
            engine.applyOrRefuse(event, emitting: &effects)
            for heard in hearing(index, event) {
                number += 1
                verifier.note(heard, effects: effects, sequence: number, of: engine)
            }
        }
    }

    mutating func follow(_ events: some Sequence<Event>) {
        for event in events {
            var effects = Effects()
            engine.applyOrRefuse(event, emitting: &effects)
            let number = verifier.sequence + 1
            verifier.note(event, effects: effects, sequence: number, of: engine)
        }
    }

    /// The engine went on to `next`, and the verifier is told of other effects.
    mutating func note(_ event: Event, told effects: [Effect], _ next: Engine) {
        engine = next
        verifier.note(event, effects: effects, sequence: verifier.sequence + 1, of: engine)
    }

    /// Events happen that the verifier hears nothing of, and then one that it does.
    mutating func skip(_ count: UInt64) {
        let event = Event(time: engine.clock, body: .ticked)
        let number = verifier.sequence + count + 1
        verifier.note(event, effects: [], sequence: number, of: engine)
    }

    /// Verifies the engine as it is, or as `fault` makes it.
    mutating func report(_ fault: (inout Engine) -> Void = { _ in }) -> VerificationReport {
        var planted = engine
        planted.ledger.claim()
        fault(&planted)
        return verifier.compare(with: planted)
    }
}

extension VerificationReport {
    /// Findings in words.
    var words: [String] { findings.map(\.description) }
}
