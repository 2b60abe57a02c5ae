import Plimsoll
import PlimsollJournal
import PlimsollUnits

/// Engines as they were at some places of a journal, from which others are made by going forward.
///
/// A few are kept, spread over what was replayed, so that whoever drags a slider back and forth waits for a part of
/// the way only.
struct PastEngines: ~Copyable {
    private let folder: String
    /// In the order of their places.
    private var kept: [Kept] = []
    /// The last answers within a record, which no reader can begin at.
    private var answers: [(moment: PastMoment, engine: Engine)] = []
    private var earliest: JournalPlace?

    /// An engine between two records, and a reader there.
    private struct Kept {
        var engine: Engine
        let reader: JournalReader<FileStorage>
        /// When the last event before it was accepted, in nanoseconds.
        var time: Int64

        var sequence: UInt64 { reader.position.sequence }
    }

    /// How many engines are kept, each of which may hold all tables of a book.
    static let keptLimit = 6
    static let answerLimit = 2
    /// After how much work, in nanoseconds, an engine is kept on the way.
    private static let stride: Int64 = 200_000_000
    /// A snapshot is read where it saves as many events.
    private static let snapshotGain: UInt64 = 50_000

    /// Engines of a folder's journal.
    init(folder: String) { self.folder = folder }

    /// The engine at a moment that is not after the event `end`, which is written.
    mutating func engine(
        at moment: PastMoment,
        through end: UInt64,
        until deadline: Int64,
        _ isCancelled: () -> Bool
    ) throws(PastFault) -> Engine {
        if let known = answers.first(where: { $0.moment == moment }) { return known.engine }
        let engine: Engine
        do {
            engine = try replay(to: moment, through: end, until: deadline, isCancelled)
        } catch let fault as PastFault {
            throw fault
        } catch JournalError.pruned(let after, let oldest) {
            throw .pruned("\(JournalError.pruned(after: after, oldest: oldest))")
        } catch {
            throw .unreadable("\(error)")
        }
        guard engine.sequence > 0 else { throw .tooEarly }
        return engine
    }

    private mutating func replay(
        to moment: PastMoment,
        through end: UInt64,
        until deadline: Int64,
        _ isCancelled: () -> Bool
    ) throws -> Engine {
        var (engine, reader, time) = try start(for: moment)
        var effects = Effects()
        let begin = engine.sequence
        var keepAt = MarginNode.steadyClock + Self.stride
        var within: Engine?
        try reader.advance(through: end) { record in
            let now = MarginNode.steadyClock
            // However little time there is, a question goes on by one record.
            let isLate = now >= deadline && engine.sequence > begin
            if now >= keepAt || isLate {
                let other = try JournalReader(at: reader)
                keep(Kept(engine: engine, reader: other, time: time))
                keepAt = now + Self.stride
            }
            if isCancelled() { throw PastFault.cancelled }
            if isLate {
                let seconds = TimeMachine.patience / 1_000_000_000
                throw PastFault.tooLong(seconds: seconds, reached: engine.sequence)
            }
            guard moment.includes(record.last, at: record.time) else {
                within = try Self.part(of: record, of: moment, engine)
                return false
            }
            for event in try record.events() {
                effects.removeAll()
                engine.applyOrRefuse(event, emitting: &effects)
            }
            time = record.time
            return true
        }
        keep(Kept(engine: engine, reader: reader, time: time))
        guard let within else { return engine }
        answers.append((moment, within))
        if answers.count > Self.answerLimit { answers.removeFirst() }
        return within
    }

    /// The engine with those events of the next record that belong to the moment.
    private static func part(
        of record: Record,
        of moment: PastMoment,
        _ engine: Engine
    ) throws -> Engine {
        var engine = engine
        var effects = Effects()
        var sequence = record.first
        for event in try record.events() {
            guard moment.includes(sequence, at: event.at.nanoseconds) else { break }
            effects.removeAll()
            engine.applyOrRefuse(event, emitting: &effects)
            sequence += 1
        }
        return engine
    }

    /// Lets go of all engines.
    mutating func forget() {
        kept.removeAll()
        answers.removeAll()
    }

    // MARK: Where to begin

    /// The nearest engine at or before a moment, and a reader of its own there.
    private func start(
        for moment: PastMoment
    ) throws -> (Engine, JournalReader<FileStorage>, time: Int64) {
        let near = kept.last { $0.sequence == 0 || moment.includes($0.sequence, at: $0.time) }
        let storage = FileStorage(reading: folder)
        let least = (near?.sequence ?? 0) + (near == nil ? 1 : Self.snapshotGain)
        let snapshots = Snapshots(in: storage)
        for place in try snapshots.places().reversed()
        where place.sequence >= least && moment.includes(place.sequence, at: place.time) {
            guard let snapshot = try snapshots.snapshot(of: place.sequence) else { continue }
            return (
                try Engine(snapshot: snapshot.payload),
                try JournalReader(storage, after: snapshot.position), place.time
            )
        }
        if let near { return (near.engine, try JournalReader(at: near.reader), near.time) }
        return (Engine(), try JournalReader(storage), 0)
    }

    /// Keeps an engine; where there are too many, the one goes whose neighbours are nearest to each other.
    private mutating func keep(_ new: Kept) {
        guard !kept.contains(where: { $0.sequence == new.sequence }) else { return }
        let place = kept.firstIndex { $0.sequence > new.sequence } ?? kept.count
        kept.insert(new, at: place)
        guard kept.count > Self.keptLimit else { return }
        func gain(_ index: Int) -> UInt64 {
            let before = index > 0 ? kept[index - 1].sequence : 0
            return kept[min(index + 1, kept.count - 1)].sequence - before
        }
        let others = kept.indices.filter { $0 != place }
        if let least = others.min(by: { gain($0) < gain($1) }) { kept.remove(at: least) }
    }

    // MARK: The earliest moment

    /// The first event of the journal; where that was removed, the one that the oldest snapshot was made after.
    mutating func first(through end: UInt64) throws(PastFault) -> JournalPlace? {
        if let earliest { return earliest }
        guard end > 0 else { return nil }
        do {
            let storage = FileStorage(reading: folder)
            do {
                try JournalReader(storage).advance(through: end) { record in
                    let at = try record.events().first?.at ?? .zero
                    earliest = JournalPlace(sequence: record.first, at: at)
                    return false
                }
            } catch JournalError.pruned {
                earliest = try Snapshots(in: storage).places().first.map {
                    JournalPlace(sequence: $0.sequence, at: Timestamp(nanoseconds: $0.time))
                }
            }
        } catch {
            throw .unreadable("\(error)")
        }
        return earliest
    }
}
