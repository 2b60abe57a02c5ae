internal import PlimsollUnits

/// Lines of an event file, collected as bytes.
struct EventText {
    /// What has been collected and not yet taken away.
    private(set) var bytes: [UInt8] = []
    /// How many events were begun.
    private(set) var events = 0

    /// Begins an event with the two fields that each one has.
    mutating func begin(_ type: String, time: Int) {
        events += 1
        append(#"{"type":""#)
        append(type)
        append(#"","time":"#)
        append(number: time)
    }

    /// A text field; the names and symbols of the book need no escapes.
    mutating func field(_ name: StaticString, _ value: String) {
        key(name)
        quote()
        append(value)
        quote()
    }

    /// A value that is JSON already.
    mutating func field(_ name: StaticString, json: String) {
        key(name)
        append(json)
    }

    /// A whole number.
    mutating func field(_ name: StaticString, number: Int) {
        key(name)
        append(number: number)
    }

    /// A price or quantity in steps of 10⁻⁸, as decimal text without trailing zeros.
    mutating func field(_ name: StaticString, decimal units: Int64) {
        key(name)
        quote()
        let (whole, fraction) = units.quotientAndRemainder(dividingBy: 100_000_000)
        append(number: Int(whole))
        if fraction > 0 {
            bytes.append(UInt8(ascii: "."))
            var rest = fraction
            var weight: Int64 = 10_000_000
            while rest > 0 {
                bytes.append(UInt8(ascii: "0") + UInt8(rest / weight))
                rest %= weight
                weight /= 10
            }
        }
        quote()
    }

    /// The mark `true` under `name`.
    mutating func flag(_ name: StaticString) {
        key(name)
        append("true")
    }

    /// Ends the event and its line.
    mutating func end() {
        bytes.append(UInt8(ascii: "}"))
        bytes.append(UInt8(ascii: "\n"))
    }

    /// A line that is not an event.
    mutating func comment(_ text: String) {
        append("# ")
        append(text)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Forgets what has been collected, to go on in the same memory.
    mutating func clear() { bytes.removeAll(keepingCapacity: true) }

    private mutating func key(_ name: StaticString) {
        bytes.append(UInt8(ascii: ","))
        quote()
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        quote()
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func quote() { bytes.append(UInt8(ascii: "\"")) }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func append(number: Int) {
        precondition(number >= 0, "Invariant: times, sequences and whole parts are not negative")
        let start = bytes.count
        var rest = number
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }
}

/// FNV-1a over the bytes of a file, 64 bits: tells whether two runs wrote the same.
struct Checksum: Equatable, CustomStringConvertible {
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    /// Takes in `bytes`.
    mutating func take(_ bytes: [UInt8]) {
        var hash = hash
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        self.hash = hash
    }

    /// Sixteen hexadecimal digits.
    var description: String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
