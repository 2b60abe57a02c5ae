import Glibc
import PlimsollReports

/// Progress of a replay on standard error, for runs of more than a second.
struct ReplayProgress {
    private let console: Console
    private let isDrawn: Bool
    private let isOn: Bool
    private let start = ReplayProgress.now()
    private var next = 1.0
    private var hasDrawn = false

    /// Progress that is drawn over itself on a terminal, and a plain line every 5 s elsewhere.
    init(_ console: Console, isDrawn: Bool, isOn: Bool) {
        self.console = console
        self.isDrawn = isDrawn
        self.isOn = isOn
    }

    /// Says how far it is, if it is time to.
    mutating func update(events: Int, bytes: Int, of size: Int?) {
        guard isOn else { return }
        let elapsed = ReplayProgress.now() - start
        guard elapsed >= (isDrawn ? next : max(next, 5)) else { return }
        next = elapsed + (isDrawn ? 0.1 : 5)
        let rate = elapsed > 0 ? Int(Double(events) / elapsed) : 0
        var parts = ["\(NumberText.count(events)) events", "\(NumberText.count(rate)) events/s"]
        if let size, size > 0, bytes > 0 {
            let share = min(1, Double(bytes) / Double(size))
            parts.insert(percent(share), at: 0)
            parts.append("\(Int((elapsed / share - elapsed).rounded(.up))) s left")
            if isDrawn { parts.insert(bar(share), at: 0) }
        }
        let line = parts.joined(separator: "  ")
        if isDrawn {
            console.draw("\r\u{1B}[K\(line)")
            hasDrawn = true
        } else {
            console.draw("\(line)\n")
        }
    }

    /// Clears the bar and says how long it took.
    mutating func finish(events: Int) {
        if hasDrawn { console.draw("\r\u{1B}[K") }
        guard isOn else { return }
        let elapsed = max(0.000_001, ReplayProgress.now() - start)
        let seconds = Int(elapsed * 100)
        let hundredths = seconds % 100
        console.note(
            "\(NumberText.count(events)) events in \(seconds / 100)."
                + "\(hundredths < 10 ? "0" : "")\(hundredths) s, "
                + "\(NumberText.count(Int(Double(events) / elapsed))) events/s"
        )
    }

    private func percent(_ share: Double) -> String {
        let text = "\(Int(share * 100)) %"
        return String(repeating: " ", count: max(0, 5 - text.count)) + text
    }

    private func bar(_ share: Double) -> String {
        let full = Int(share * 24)
        return String(repeating: "█", count: full) + String(repeating: "░", count: 24 - full)
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
