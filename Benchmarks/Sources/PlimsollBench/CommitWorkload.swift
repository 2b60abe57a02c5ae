import Dispatch
import Glibc
import PlimsollJournal
import PlimsollWire
import Synchronization

/// W5: groups of fills that are durable one after the other.
///
/// It is told what to do by lines on standard input, so that it can take turns with the peers:
/// `BATCH SECONDS ready` commits groups of so many events that are encoded beforehand, as the peers' rows are;
/// `BATCH SECONDS encode` encodes them first. The answer is a line with events per second, and the median and the
/// 99th percentile of the time of a commit in microseconds.
struct CommitWorkload {
    let folder: String
    let fills: Fills

    func run() throws {
        let journal = try Journal(in: try FileStorage(folder: folder))
        let filler = Filler(journal.spare)
        defer { filler.stop() }
        journal.spare.fill()
        emit("ready \(try batch(1_000, from: 0).bytes.count / 1_000)")
        while let line = readLine() {
            let words = line.split(separator: " ")
            guard words.count == 3, let size = Int(words[0]), let seconds = Double(words[1]),
                size > 0
            else { throw BenchError.usage("w5: '\(line)' is not BATCH SECONDS ready|encode") }
            emit(try commit(size, for: seconds, isReady: words[2] == "ready", to: journal))
        }
        try journal.finish()
    }

    private func batch(_ size: Int, from start: Int) throws -> EventBatch {
        var batch = EventBatch()
        for index in start..<start + size { batch.append(try fills.event(index)) }
        return batch
    }

    private func commit(
        _ size: Int,
        for seconds: Double,
        isReady: Bool,
        to journal: Journal<FileStorage>
    ) throws -> String {
        let batches = try (0..<16).map { try batch(size, from: $0 * size) }
        let events = try (0..<size).map { try fills.event($0) }
        var encoded = EventBatch()
        var times: [Int64] = []
        let start = Timing.wall()
        var now = start
        while Double(now - start) < seconds * 1e9 {
            if isReady {
                try commit(batches[times.count % batches.count], to: journal)
            } else {
                encoded.removeAll()
                for event in events { encoded.append(event) }
                try commit(encoded, to: journal)
            }
            let end = Timing.wall()
            times.append(end - now)
            now = end
        }
        let rate = Double(times.count * size) / Double(now - start) * 1e9
        times.sort()
        let microseconds = [times[times.count / 2], times[times.count * 99 / 100]].map {
            $0 / 1_000
        }
        return "\(Int(rate)) \(microseconds[0]) \(microseconds[1])"
    }

    private func commit(_ batch: EventBatch, to journal: Journal<FileStorage>) throws {
        try batch.withBytes { bytes in
            _ = try journal.commit(bytes, count: UInt32(batch.count), time: 0)
        }
    }
}

/// A thread that fills segments ahead of a journal.
final class Filler: Sendable {
    private let isOver = Atomic(false)
    private let group = DispatchGroup()

    init(_ spare: SpareSegment<FileStorage>) {
        DispatchQueue.global().async(group: group) { [self] in
            while !isOver.load(ordering: .acquiring) {
                spare.fill()
                usleep(500)
            }
        }
    }

    /// Returns when the thread has ended.
    func stop() {
        isOver.store(true, ordering: .releasing)
        group.wait()
    }
}
