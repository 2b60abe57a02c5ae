import Glibc

/// Clocks and the summary of repeated runs.
enum Timing {
    /// Processor time of this thread, in nanoseconds: what may be quoted on a shared machine.
    static func cpu() -> Int64 { now(CLOCK_THREAD_CPUTIME_ID) }

    /// Time that passed, in nanoseconds.
    static func wall() -> Int64 { now(CLOCK_MONOTONIC) }

    /// Sleeps until a moment of `wall`; returns at once if it is over.
    static func sleep(until moment: Int64) {
        var time = timespec(
            tv_sec: Int(moment / 1_000_000_000),
            tv_nsec: Int(moment % 1_000_000_000)
        )
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }

    private static func now(_ clock: clockid_t) -> Int64 {
        var moment = timespec()
        clock_gettime(clock, &moment)
        return Int64(moment.tv_sec) * 1_000_000_000 + Int64(moment.tv_nsec)
    }
}

/// Smallest, median and largest of repeated measurements.
struct Spread {
    private(set) var values: [Double] = []

    init(_ values: [Double] = []) { self.values = values }

    mutating func add(_ value: Double) { values.append(value) }

    mutating func add(nanoseconds: Int64) { values.append(Double(nanoseconds) / 1e6) }

    /// The same for one of `count` parts.
    func divided(by count: Double) -> Spread {
        var part = self
        part.values = values.map { $0 / count }
        return part
    }

    var sorted: [Double] { values.sorted() }
    var median: Double { sorted[values.count / 2] }

    /// `[min,median,max]` in milliseconds.
    var json: String {
        let sorted = sorted
        return "[\(fixed(sorted[0])),\(fixed(median)),\(fixed(sorted[values.count - 1]))]"
    }

    /// A result as `make bench` prints it: the median, with the smallest and the largest.
    func result(_ workload: String, _ name: String, _ metric: String) -> String {
        let sorted = sorted
        return """
            {"workload":"\(workload)","case":"\(name)","metric":"\(metric)",\
            "value":\(fixed(median)),"spread":[\(fixed(sorted[0])),\(fixed(sorted[values.count - 1]))]}
            """
    }

    func fixed(_ value: Double) -> String {
        let thousandths = Int64((value * 1_000).rounded())
        let rest = String(thousandths % 1_000)
        return "\(thousandths / 1_000).\(String(repeating: "0", count: 3 - rest.utf8.count))\(rest)"
    }
}

/// Prints a line at once, so that a pipe sees it before the program ends.
func emit(_ line: String) {
    print(line)
    fflush(nil)
}

/// Tells a person what is going on.
func note(_ line: String) {
    let text = Array("plimsoll-bench: \(line)\n".utf8)
    _ = write(STDERR_FILENO, text, text.count)
}
