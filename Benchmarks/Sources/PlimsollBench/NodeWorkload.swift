import Glibc
import Plimsoll
import PlimsollJournal
import PlimsollNode
import PlimsollUnits
import PlimsollWire
import Synchronization

/// The node itself: how long its starts take, and how soon the effects of an event are published.
struct NodeWorkload {
    let folder: String
    let fills: Fills
    private let group = 100

    private func configuration(_ durability: Durability) -> NodeConfiguration {
        var configuration = NodeConfiguration(folder: folder)
        configuration.durability = durability
        configuration.clock = .events
        configuration.inboxLimit = 1 << 20
        return configuration
    }

    // MARK: Starts

    /// Starts from a journal of `count` events without a snapshot, and from a snapshot with the longest tail that there
    /// may be behind it.
    func recover(_ count: Int) throws {
        let tail = min(Int(NodeConfiguration(folder: folder).snapshotInterval), count / 2)
        let beginning = try write(count - tail)
        var configuration = configuration(.sync)
        configuration.snapshotInterval = UInt64(tail)
        let node = try open("replay", configuration)
        try submit(node, beginning..<beginning + 1)
        while node.journal.snapshot == 0 { usleep(10_000) }
        let snapshot = Int(node.journal.snapshot)
        // Nothing makes a new one before as many events have come as lie between two.
        try submit(node, beginning + 1..<beginning + tail)
        node.drain()
        note("recovery: snapshot after \(snapshot), the journal ends with \(node.journal.sequence)")
        let digest = node.read { $0.digest }
        let again = try open("snapshot-and-tail", configuration)
        defer { again.drain() }
        guard again.read({ $0.digest }) == digest else {
            throw BenchError.differs("the digest after a start from a snapshot")
        }
    }

    /// Writes the reference events and fills, `count` in all, and gives the number of the next fill.
    private func write(_ count: Int) throws -> Int {
        let reference = try fills.stream.beginning()
        let journal = try Journal(in: try FileStorage(folder: folder))
        let filler = Filler(journal.spare)
        defer { filler.stop() }
        var batch = EventBatch()
        func flush() throws {
            guard batch.count > 0 else { return }
            try batch.withBytes { memory in
                _ = try journal.append(memory, count: UInt32(batch.count), time: 0)
            }
            batch.removeAll()
        }
        for body in reference {
            batch.append(Event(time: .zero, body: body))
            if batch.count == group { try flush() }
        }
        let last = max(1, count - reference.count)
        for index in 0..<last {
            batch.append(try fills.event(index))
            if batch.count == group { try flush() }
        }
        try flush()
        try journal.finish()
        return last
    }

    private func open(
        _ name: String,
        _ configuration: NodeConfiguration
    ) throws -> MarginNode {
        try Pages.drop(folder)
        let start = Timing.wall()
        let node = try MarginNode(configuration)
        let seconds = Double(Timing.wall() - start) / 1e9
        let events = Double(node.recovery.replayed)
        emit(Spread([seconds]).result("recovery", name, "seconds"))
        emit(Spread([events / seconds]).result("recovery", name, "events_per_second"))
        note("recovery: \(name), \(Int(events)) events replayed after \(node.recovery.snapshot)")
        return node
    }

    private func submit(_ node: MarginNode, _ numbers: Range<Int>) throws {
        for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 4_096) {
            let events = try (start..<min(start + 4_096, numbers.upperBound)).map {
                try fills.event($0)
            }
            while node.waiting > 65_536 { usleep(1_000) }
            node.submit(events) { _ in }
        }
        while node.waiting > 0 { usleep(1_000) }
    }

    // MARK: Event to effect

    /// Hands over events at a rate in small groups, as adapters do, and notes when what they caused is published: at the
    /// call of the observer, who gets the effects.
    ///
    /// In turn with threads that are as good as any, and with a writer that goes first; each round on a new node.
    func effects(rate: Int, seconds: Double, rounds: Int) throws {
        var results = Results()
        for round in 1...rounds {
            for (name, isRealTime) in [("plain", false), ("real-time", true)] {
                var configuration = configuration(.none)
                configuration.folder += "-\(name)-\(round)"
                configuration.isRealTime = isRealTime
                try effects(name, configuration, rate, seconds, &results)
            }
        }
        results.tell()
    }

    /// What the rounds have measured, by case and metric.
    private struct Results {
        private var all: [(name: String, metric: String, values: Spread)] = []

        mutating func add(_ value: Double, _ name: String, _ metric: String) {
            if let place = all.firstIndex(where: { $0.name == name && $0.metric == metric }) {
                all[place].values.add(value)
            } else {
                all.append((name, metric, Spread([value])))
            }
        }

        func tell() {
            for result in all {
                emit(result.values.result("effects", result.name, result.metric))
            }
        }
    }

    private func effects(
        _ name: String,
        _ configuration: NodeConfiguration,
        _ rate: Int,
        _ seconds: Double,
        _ results: inout Results
    ) throws {
        let published = Published()
        // As `plimsoll serve` does.
        LargePages.end()
        let node = try MarginNode(configuration, observer: { published.note($0.sequence) })
        defer { node.drain() }
        let reference = try fills.stream.beginning()
        for start in stride(from: 0, to: reference.count, by: 4_096) {
            let part = reference[start..<min(start + 4_096, reference.count)]
            while node.waiting > 65_536 { usleep(1_000) }
            node.submit(part.map { Event(time: .zero, body: $0) }) { _ in }
        }
        while node.waiting > 0 { usleep(1_000) }
        // The replica reads all that too, and is then as far behind as it is at this rate.
        while node.replica.lag > 0 { usleep(1_000) }
        let first = node.journal.sequence
        let perGroup = 20
        let groups = Int(seconds * Double(rate)) / perGroup
        let step = Int64(1e9) * Int64(perGroup) / Int64(rate)
        var handed: [Int64] = []
        var due: [Int64] = []
        handed.reserveCapacity(groups)
        due.reserveCapacity(groups)
        var events = try (0..<perGroup).map { try fills.event($0) }
        let start = Timing.wall() + 10_000_000
        for number in 0..<groups {
            let time = start + Int64(number) * step
            for place in events.indices {
                events[place] = try fills.event(number * perGroup + place)
            }
            Timing.sleep(until: time)
            due.append(time)
            handed.append(Timing.wall())
            node.submit(events) { result in
                if case .failure(let error) = result { note("not taken: \(error)") }
            }
        }
        while node.waiting > 0 { usleep(1_000) }
        usleep(100_000)
        try report(
            name,
            published,
            first: first,
            perGroup: perGroup,
            handed: handed,
            due: due,
            &results
        )
    }

    private func report(
        _ name: String,
        _ published: Published,
        first: UInt64,
        perGroup: Int,
        handed: [Int64],
        due: [Int64],
        _ results: inout Results
    ) throws {
        let marks = published.marks
        guard marks.last?.sequence == first + UInt64(handed.count * perGroup) else {
            throw BenchError.differs("not all events were published")
        }
        for (name, moments) in [(name, handed), (name + "-from-due", due)] {
            var times: [Int64] = []
            var place = 0
            for (number, moment) in moments.enumerated() {
                let last = first + UInt64((number + 1) * perGroup)
                while marks[place].sequence < last { place += 1 }
                times.append(marks[place].time - moment)
            }
            times.sort()
            for (metric, share) in [("p50_us", 0.5), ("p99_us", 0.99), ("p999_us", 0.999)] {
                let value = Double(times[Int(share * Double(times.count - 1))]) / 1_000
                results.add(value, name, metric)
            }
            results.add(Double(times[times.count - 1]) / 1_000, name, "max_us")
        }
        let took = Double(marks[marks.count - 1].time - due[0]) / 1e9
        let rate = Double(handed.count * perGroup) / took
        results.add(rate, name, "events_per_second")
    }

    /// When which events were published.
    private final class Published: Sendable {
        private let all = Mutex<[(sequence: UInt64, time: Int64)]>([])

        init() { all.withLock { $0.reserveCapacity(4 << 20) } }

        func note(_ sequence: UInt64) {
            let time = Timing.wall()
            all.withLock { $0.append((sequence, time)) }
        }

        var marks: [(sequence: UInt64, time: Int64)] { all.withLock { $0 } }
    }
}

/// The system's copy of files in memory.
enum Pages {
    /// Asks the system to give up what it keeps of a folder's files, which are on the disk.
    static func drop(_ folder: String) throws {
        for name in try FileStorage(reading: folder).names() {
            let file = open("\(folder)/\(name)", O_RDONLY)
            guard file >= 0 else { continue }
            posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
            close(file)
        }
    }
}
