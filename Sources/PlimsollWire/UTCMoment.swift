package import PlimsollUnits

/// Moments as text: `2021-09-24T12:00:00Z`, years 1970 to 2200, UTC only.
package enum UTCMoment {
    /// The moment in `text`, or `nil` if it is not one.
    package static func timestamp(_ text: String) -> Timestamp? {
        let bytes = Array(text.utf8)
        guard bytes.count == 20, bytes[10] == UInt8(ascii: "T"), bytes[19] == UInt8(ascii: "Z"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let day = days(bytes[0..<10]), let hour = number(bytes[11..<13]),
            let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
            hour < 24, minute < 60, second < 60
        else { return nil }
        let seconds = Int64(((day * 24 + hour) * 60 + minute) * 60 + second)
        return Timestamp(nanoseconds: seconds * 1_000_000_000)
    }

    /// Whether `text` is a day (`2026-09-29`) or a month (`2026-09`).
    package static func isDate(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        if bytes.count == 7 { return days((bytes + Array("-01".utf8))[...]) != nil }
        return days(bytes[...]) != nil
    }

    /// The text of a moment; parts of a second are left out.
    package static func text(_ timestamp: Timestamp) -> String {
        let seconds = Int(timestamp.nanoseconds / 1_000_000_000)
        let (year, month, day) = civil(seconds / 86_400)
        let rest = seconds % 86_400
        let clock = [rest / 3_600, rest / 60 % 60, rest % 60].map(twoDigits)
        return "\(year)-\(twoDigits(month))-\(twoDigits(day))T\(clock.joined(separator: ":"))Z"
    }

    private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for byte in bytes {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }

    /// Days since 1970-01-01 of `YYYY-MM-DD`.
    private static func days(_ bytes: ArraySlice<UInt8>) -> Int? {
        let bytes = Array(bytes)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]),
            let day = number(bytes[8..<10]), (1970...2200).contains(year),
            (1...12).contains(month), day >= 1
        else { return nil }
        // March is the first month here, so that the leap day is the last day of a year.
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let total =
            shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
        return civil(total) == (year, month, day) ? total : nil
    }

    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
