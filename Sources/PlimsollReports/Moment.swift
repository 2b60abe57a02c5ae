package import PlimsollUnits
import PlimsollWire

/// Moments as text, with milliseconds.
package enum Moment {
    /// `2025-10-10T21:17:42Z`, `2025-10-10T21:17:42.318Z`, a day, or milliseconds since 1970.
    package static func timestamp(_ text: String) -> Timestamp? {
        if let milliseconds = Int64(text), (0...NodeReader.millisecondsLimit).contains(milliseconds)
        {
            return Timestamp(nanoseconds: milliseconds * 1_000_000)
        }
        if UTCMoment.isDate(text), text.utf8.count == 10 {
            return UTCMoment.timestamp(text + "T00:00:00Z")
        }
        guard text.hasSuffix("Z"), let point = text.firstIndex(of: ".") else {
            return UTCMoment.timestamp(text)
        }
        let fraction = text[text.index(after: point)...].dropLast()
        guard (1...9).contains(fraction.utf8.count), fraction.utf8.allSatisfy({ 48...57 ~= $0 }),
            let whole = UTCMoment.timestamp(String(text[..<point]) + "Z"),
            let nanoseconds = Int64(
                fraction + String(repeating: "0", count: 9 - fraction.utf8.count)
            )
        else { return nil }
        return Timestamp(nanoseconds: whole.nanoseconds + nanoseconds)
    }

    /// `2025-10-10T21:17:42.318Z`; whole seconds without a fraction.
    package static func text(_ timestamp: Timestamp) -> String {
        let text = UTCMoment.text(timestamp)
        let milliseconds = timestamp.nanoseconds % 1_000_000_000 / 1_000_000
        guard milliseconds > 0 else { return text }
        let digits = String(milliseconds)
        return text.dropLast() + "." + String(repeating: "0", count: 3 - digits.utf8.count) + digits
            + "Z"
    }
}
