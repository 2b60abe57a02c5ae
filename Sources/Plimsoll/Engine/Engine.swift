public import PlimsollUnits

/// A deterministic margin engine: events in, effects out.
///
/// It has no clock, no randomness, no input or output and no floating point; the same events give the
/// same state and the same effects in every process. `apply` is the only way state changes.
public struct Engine: Sendable {
    var ledger = Ledger()
    /// Brings rows into the cache ahead of the events that need them; not state.
    private var fetcher = Fetcher()
    /// Room for the effects of one event; empty between events.
    private var scratch: Effects?
    var identities = Identities()
    var effectsDigest = StateDigest()
    /// How many events have been applied or refused; repeated ones do not count.
    public internal(set) var sequence: UInt64 = 0

    /// An engine that has seen nothing.
    public init() {}

    /// The names that it knows.
    public var directory: Directory { ledger.directory }

    /// When the last event was accepted.
    public var clock: Timestamp { ledger.clock }

    /// Draws the safe bands of all pools that events have changed since the last price.
    ///
    /// The next price would do it, and take as long: after a book was loaded or restored that is about a
    /// microsecond for each pool. Changes no state and no answer.
    public mutating func drawSafeBands() {
        ledger.claim()
        ledger.drawLostBands()
    }

    /// How often a price was outside of the safe band of a position since the engine was made or restored.
    ///
    /// What marks cost goes by it. Not state.
    public var bandCrossings: UInt64 { ledger.crossings }

    /// Applies one event and appends what follows from it to `effects`.
    ///
    /// If the event is refused, neither the engine nor `effects` has changed. An event that was applied
    /// before, by its identity, changes nothing and says `repeated`.
    public mutating func apply(
        _ event: Event,
        emitting effects: inout Effects
    ) throws(Rejection) {
        effects.claim()
        var recognised = Identities.Recognised.anonymous
        if event.identity != nil { recognised = try identities.recognise(event) }
        if case .known = recognised {
            effects.append(.repeated)
            return
        }
        guard event.at >= ledger.clock else {
            throw .timeWentBackwards(at: event.at, clock: ledger.clock)
        }
        ledger.claim()
        let first = effects.count
        let clock = ledger.clock
        ledger.clock = event.at
        ledger.stamp &+= 1
        do {
            try ledger.apply(event, emitting: &effects)
        } catch {
            ledger.clock = clock
            ledger.touched.removeAll()
            precondition(
                effects.count == first,
                "Invariant: a refused event has no effects, and this one had some: \(error)"
            )
            throw error
        }
        ledger.assessTouched(&effects)
        identities.remember(recognised, at: event.at)
        sequence += 1
        // A local copy stays in registers.
        var digest = effectsDigest
        effects.absorb(from: first, into: &digest)
        effectsDigest = digest
    }

    /// Whether the event was applied before, by its identity, so that applying it would change nothing.
    ///
    /// - Throws: `conflict` if its id stands for another content.
    public func recognises(_ event: Event) throws(Rejection) -> Bool {
        guard event.identity != nil else { return false }
        if case .known = try identities.recognise(event) { return true }
        return false
    }

    /// The last number of a feed that was applied; `nil`: none was.
    public func lastSequence(of source: String) -> UInt64? { identities.feeds[source] }

    /// Says that events about these accounts come soon; changes nothing.
    ///
    /// A caller who knows what comes names the accounts of some eight events at a time, three groups ahead,
    /// so that the engine need not wait for memory at each: with the group that is applied three calls
    /// later.
    public mutating func expect(_ next: [AccountID]) { fetcher.fetch(next, in: ledger) }

    /// The engine between an event and what followed from it for one pool; `nil` if the event is
    /// refused.
    ///
    /// The event has happened, and every pool whose turn came before was evaluated: its figures are
    /// those that decided about this pool. For explanations: it has no digest of its own.
    public func moment(of event: Event, before pool: PoolID) -> Engine? {
        guard ledger.pools.indices.contains(Int(pool.index)), event.at >= ledger.clock else {
            return nil
        }
        var copy = self
        var effects = Effects()
        copy.ledger.claim()
        copy.ledger.clock = event.at
        copy.ledger.stamp &+= 1
        do {
            try copy.ledger.apply(event, emitting: &effects)
        } catch {
            return nil
        }
        copy.ledger.assessRounds(&effects, before: copy.ledger.lead(of: pool.index))
        return copy
    }

    /// Applies one event and appends what follows from it to an array, which takes a little longer.
    public mutating func apply(
        _ event: Event,
        emitting effects: inout [Effect]
    ) throws(Rejection) {
        var followed = scratch ?? Effects()
        scratch = nil  // so that nobody shares its memory
        defer { scratch = followed }
        followed.removeAll()
        try apply(event, emitting: &followed)
        effects.append(contentsOf: followed)
    }

    /// Applies one event; a refusal becomes an effect.
    public mutating func applyOrRefuse(_ event: Event, emitting effects: inout Effects) {
        do {
            try apply(event, emitting: &effects)
        } catch {
            effects.append(refuse(error))
        }
    }

    /// Applies one event; a refusal becomes an effect, in an array.
    public mutating func applyOrRefuse(_ event: Event, emitting effects: inout [Effect]) {
        do {
            try apply(event, emitting: &effects)
        } catch {
            effects.append(refuse(error))
        }
    }

    /// Counts an event that `apply` has just refused, and gives the effect of the refusal.
    ///
    /// A refusal belongs to the history: without it sequence and digest are those of an event that never came.
    public mutating func refuse(_ rejection: Rejection) -> Effect {
        sequence += 1
        let refusal = Effect.refused(rejection)
        effectsDigest = refusal.absorbed(into: effectsDigest)
        return refusal
    }
}

extension Ledger {
    /// Hands an event to its payload.
    ///
    /// No `default`: a new event must come here.
    @inline(__always)
    fileprivate mutating func apply(
        _ event: Event,
        emitting effects: inout Effects
    ) throws(Rejection) {
        switch event.body {
        case .marked(let body): try body.apply(to: &self, event, emitting: &effects)
        case .filled(let body): try body.apply(to: &self, emitting: &effects)
        case .venueDefined(let body): try body.apply(to: &self)
        case .assetDefined(let body): try body.apply(to: &self)
        case .rulebookAdopted(let body): try body.apply(to: &self)
        case .instrumentDefined(let body): try body.apply(to: &self)
        case .accountOpened(let body): try body.apply(to: &self)
        case .accountConfigured(let body): try body.apply(to: &self, emitting: &effects)
        case .deposited(let body): try body.apply(to: &self, emitting: &effects)
        case .withdrawalRequested(let body): try body.apply(to: &self, emitting: &effects)
        case .withdrawalSettled(let body): try body.apply(to: &self)
        case .withdrawalReversed(let body): try body.apply(to: &self, emitting: &effects)
        case .transferred(let body): try body.apply(to: &self, emitting: &effects)
        case .isolatedMarginMoved(let body): try body.apply(to: &self, emitting: &effects)
        case .feeCharged(let body): try body.apply(to: &self, emitting: &effects)
        case .interestAccrued(let body): try body.apply(to: &self, emitting: &effects)
        case .insuranceFunded(let body): try body.apply(to: &self, emitting: &effects)
        case .collateralConverted(let body): try body.apply(to: &self, emitting: &effects)
        case .reconciled(let body): try body.apply(to: &self, emitting: &effects)
        case .orderPlaced(let body): try body.apply(to: &self, emitting: &effects)
        case .orderReduced(let body): try body.apply(to: &self)
        case .orderCancelled(let body): try body.apply(to: &self)
        case .indexed(let body): try body.apply(to: &self, event)
        case .openInterestReported(let body): try body.apply(to: &self)
        case .fundingRateAnnounced(let body): try body.apply(to: &self)
        case .fundingSettled(let body): try body.apply(to: &self, emitting: &effects)
        case .sessionSettled(let body): try body.apply(to: &self, emitting: &effects)
        case .instrumentExpired(let body): try body.apply(to: &self, emitting: &effects)
        case .depthObserved(let body): try body.apply(to: &self)
        case .liquidationFilled(let body): try body.apply(to: &self, emitting: &effects)
        case .liquidationOrderEnded(let body): try body.apply(to: &self, emitting: &effects)
        case .operatorActed(let body): try body.apply(to: &self)
        case .ticked: break
        }
    }
}
