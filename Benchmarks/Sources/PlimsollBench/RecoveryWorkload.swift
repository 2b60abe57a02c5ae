import Glibc
import Plimsoll
import PlimsollJournal
import PlimsollUnits
import PlimsollWire

/// Starting from a journal: reading and checking it, decoding its events, applying them to an engine.
///
/// The system's copy of the files in memory is given up before each run.
struct RecoveryWorkload {
    let folder: String
    let fills: Fills
    let count: Int
    private let runs = 3
    private let group = 100

    func run() throws {
        let bytes = try write()
        note("recovery: \(count) fills, \(bytes / count) bytes each, in records of \(group)")
        try measure("read") { _ in
            var events = 0
            _ = try Journal(in: try storage()) { events += Int($0.count) }
            return events
        }
        try measure("decode") { _ in
            var events = 0
            _ = try Journal(in: try storage()) { record in
                try EventBatch.read(record.payload) { _ in events += 1 }
            }
            return events
        }
        try measure("apply") { engine in
            var (effects, events) = (Effects(), 0)
            _ = try Journal(in: try storage()) { record in
                var group: [Event] = []
                try EventBatch.read(record.payload) { group.append($0) }
                try apply(group, to: &engine, &effects)
                events += group.count
            }
            return events
        }
        try measure("start") { engine in
            var (effects, events) = (Effects(), 0)
            _ = try Journal(
                in: try storage(),
                decoding: { record, events in
                    try EventBatch.read(record.payload) { events.append($0) }
                },
                replaying: { (group: [Event]) in
                    try apply(group, to: &engine, &effects)
                    events += group.count
                }
            )
            return events
        }
    }

    private func storage() throws -> FileStorage { try FileStorage(folder: folder) }

    private func apply(_ events: [Event], to engine: inout Engine, _ effects: inout Effects) throws
    {
        var lookahead = Lookahead()
        for index in events.indices {
            lookahead.pass(index, of: events, in: &engine)
            do {
                try engine.apply(events[index], emitting: &effects)
            } catch {
                throw BenchError.refused("\(error)")
            }
            effects.removeAll()
        }
    }

    /// Writes the journal, and says how many bytes the payloads have.
    private func write() throws -> Int {
        let journal = try Journal(in: try storage())
        let filler = Filler(journal.spare)
        defer { filler.stop() }
        var (batch, bytes) = (EventBatch(), 0)
        for index in 0..<count {
            batch.append(try fills.event(index))
            guard batch.count == group || index == count - 1 else { continue }
            try batch.withBytes { memory in
                bytes += memory.count
                _ = try journal.append(memory, count: UInt32(batch.count), time: Int64(index))
            }
            batch.removeAll()
        }
        try journal.finish()
        return bytes
    }

    private func measure(_ name: String, _ work: (inout Engine) throws -> Int) throws {
        var rate = Spread()
        var seconds = Spread()
        for _ in 0..<runs {
            var engine = try fills.stream.load().engine
            try Pages.drop(folder)
            let start = Timing.wall()
            let events = try work(&engine)
            let time = Double(Timing.wall() - start) / 1e9
            guard events == count else {
                throw BenchError.differs("\(events) events of \(count) were replayed")
            }
            rate.add(Double(events) / time)
            seconds.add(time)
        }
        emit(rate.result("recovery", name, "events_per_second"))
        emit(seconds.result("recovery", name, "seconds"))
    }
}
