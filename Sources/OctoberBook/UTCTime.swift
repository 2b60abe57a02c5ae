/// Calendar text to milliseconds since 1970-01-01 UTC and back, by integer arithmetic.
enum UTCTime {
    /// Milliseconds of `text` in the form `2025-10-10T21:00Z` or `2025-10-10`; `nil` if it is not.
    static func milliseconds(_ text: String) -> Int? {
        let bare = text.last == "Z" ? text.dropLast() : text[...]
        let halves = bare.split(separator: "T", omittingEmptySubsequences: false)
        guard let date = halves.first, halves.count <= 2 else { return nil }
        let day = numbers(date, separator: "-", widths: [4, 2, 2])
        let clock =
            halves.count == 2 ? numbers(halves[1], separator: ":", widths: [2, 2]) : [0, 0]
        guard let day, let clock else { return nil }
        guard (1970...9999).contains(day[0]), (1...12).contains(day[1]), (1...31).contains(day[2]),
            (0...23).contains(clock[0]), (0...59).contains(clock[1])
        else { return nil }
        let days = dayNumber(year: day[0], month: day[1], day: day[2])
        let result = ((days * 24 + clock[0]) * 60 + clock[1]) * 60_000
        return string(result).hasPrefix(date) ? result : nil
    }

    /// The minute that `milliseconds` fall in, as `2025-10-10T21:00Z`.
    static func string(_ milliseconds: Int) -> String {
        let minutes = milliseconds / 60_000
        // Days are counted from 1 March of year 0, so that the leap day is the last of its year.
        let shifted = minutes / 1_440 + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let civilMonth = month < 10 ? month + 3 : month - 9
        let year = era * 400 + yearOfEra + (civilMonth <= 2 ? 1 : 0)
        let clock = "\(padded(minutes / 60 % 24, 2)):\(padded(minutes % 60, 2))"
        return "\(padded(year, 4))-\(padded(civilMonth, 2))-\(padded(day, 2))T\(clock)Z"
    }

    private static func dayNumber(year: Int, month: Int, day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let yearOfEra = shifted % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return shifted / 400 * 146_097 + dayOfEra - 719_468
    }

    private static func numbers(
        _ text: Substring,
        separator: Character,
        widths: [Int]
    ) -> [Int]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == widths else { return nil }
        let values = parts.compactMap { part in
            part.utf8.allSatisfy { (48...57).contains($0) } ? Int(part) : nil
        }
        return values.count == widths.count ? values : nil
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
