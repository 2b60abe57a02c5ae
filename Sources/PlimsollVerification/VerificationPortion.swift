package import Plimsoll

/// Events with what followed from them, for a verifier to follow on a thread of its own.
///
/// Made by whoever applies the events: to make it costs little, to follow it more.
package struct VerificationPortion: Sendable {
    /// One event with its effects, and where the pools are that these name.
    struct Entry: Sendable {
        var event: Event
        var sequence: UInt64
        var effects: [Effect]
        var places: [(pool: PoolID, place: PoolPlace)]
    }

    private(set) var entries: [Entry] = []

    /// An empty portion.
    package init() {}

    /// How many events it has.
    package var count: Int { entries.count }

    /// Adds an event that an engine applied or refused, right after it, in order and none left out.
    ///
    /// - Parameters:
    ///   - event: what happened.
    ///   - effects: what followed from it.
    ///   - sequence: the event's number.
    ///   - engine: as it is after the event.
    package mutating func append(
        _ event: Event,
        effects: some Collection<Effect>,
        sequence: UInt64,
        of engine: borrowing Engine
    ) {
        var places: [(pool: PoolID, place: PoolPlace)] = []
        for effect in effects {
            guard let pool = effect.pool, let place = engine.place(of: pool) else { continue }
            places.append((pool, place))
        }
        entries.append(
            Entry(event: event, sequence: sequence, effects: Array(effects), places: places)
        )
    }

    /// Forgets the events and keeps the memory for others.
    package mutating func removeAll() { entries.removeAll(keepingCapacity: true) }
}

extension Effect {
    /// The pool that it names.
    fileprivate var pool: PoolID? {
        switch self {
        case .balanceChanged(let change): change.pool
        case .marginStateChanged(let change): change.pool
        case .liquidationOrdered(let order): order.pool
        case .liquidationEnded(let end): end.pool
        case .lossSocialised(let share): share.pool
        case .bankruptcyDeclared(let bankruptcy): bankruptcy.pool
        case .positionChanged, .ordersToCancel, .liquidationOrdersToCancel, .insuranceMoved,
            .deleveraged, .priceRefused, .repeated, .refused:
            nil
        }
    }
}
