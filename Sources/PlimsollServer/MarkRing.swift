import Plimsoll
import PlimsollUnits
import Synchronization

/// The marks of the last day, one for each five minutes, so that markets can say how much they changed.
///
/// It begins with the events that the replica hears: what it does not reach back to is not known.
final class MarkRing: Sendable {
    private struct Mark {
        var time: Int64
        var price: Price
    }

    private let marks = Mutex<[InstrumentID: [Mark]]>([:])

    /// How far apart marks are kept, and how old they get, in nanoseconds.
    private static let step: Int64 = 300_000_000_000
    private static let day: Int64 = 86_400_000_000_000

    init() {}

    /// Notes a mark that was believed: the first of each step.
    func note(_ event: Event, _ engine: Engine) {
        guard case .marked(let marked) = event.body,
            marked.instrument.index < engine.directory.instruments.count,
            engine.mark(of: marked.instrument) == marked.price
        else { return }
        let time = event.at.nanoseconds
        marks.withLock { marks in
            var own = marks[marked.instrument] ?? []
            marks[marked.instrument] = nil
            if let last = own.last, time / Self.step <= last.time / Self.step {
                marks[marked.instrument] = own
                return
            }
            own.append(Mark(time: time, price: marked.price))
            // The newest of those that are a day old is still needed.
            let old = own.prefix { $0.time <= time - Self.day }.count
            if old > 1 { own.removeFirst(old - 1) }
            marks[marked.instrument] = own
        }
    }

    /// The mark of an instrument a day before a time, to five minutes; `nil`: it is not known.
    func dayAgo(_ instrument: InstrumentID, _ now: Timestamp) -> Price? {
        marks.withLock { marks in
            marks[instrument]?.last { $0.time <= now.nanoseconds - Self.day }?.price
        }
    }
}
