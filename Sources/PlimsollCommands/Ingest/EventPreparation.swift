import PlimsollReports
import PlimsollWire

/// Makes lines of a file into lines that a server takes, once each however often they come.
struct EventPreparation {
    private let file: String
    /// The server stamps `at`, and refuses one that is given.
    private let stampsTime: Bool
    private let givesIDs: Bool
    /// From when to when the events are that are known by an id.
    private var times: ClosedRange<Int>?
    /// Over all lines so far, with which an id says of which file and place an event is.
    private var fingerprint = Fingerprint()

    init(file: String, stampsTime: Bool, givesIDs: Bool) {
        self.file = file
        self.stampsTime = stampsTime
        self.givesIDs = givesIDs
    }

    /// So many milliseconds of the engine's clock does a server remember an id.
    private static let memory = 86_400_000

    /// A server that has taken all so far has forgotten the first: to send them again would count them again.
    var outlivesIDs: Bool {
        guard !stampsTime, let times else { return false }
        return times.upperBound - times.lowerBound > Self.memory
    }

    private mutating func note(_ event: Document) {
        guard !event["sequence"].isThere, givesIDs || event["id"].isThere,
            let time = event["time"].text.flatMap({ Int($0.prefix { $0 != "." }) })
        else { return }
        times = min(times?.lowerBound ?? time, time)...max(times?.upperBound ?? time, time)
    }

    /// The line to be sent, without its end, and whether it is safe to send it twice.
    mutating func prepared(
        _ node: Node
    ) throws(InputFault) -> (bytes: [UInt8], isRepeatable: Bool) {
        guard case .mapping(let entries) = node.content else {
            throw InputFault(
                file: file,
                mark: node.mark,
                problem: "the line is no event.",
                remedy: "Write one JSON object a line, as docs/formats/events.md has it."
            )
        }
        let event = Document(node)
        let isKnown = event["id"].isThere || event["sequence"].isThere
        var writer = JSONWriter()
        writer.object { object in
            for entry in entries {
                guard case .scalar(let key, _) = entry.key.content else { continue }
                if stampsTime, key == "at" { continue }
                object.key(key)
                object.node(entry.value)
            }
        }
        fingerprint.add(writer.bytes)
        note(event)
        guard !isKnown, givesIDs else { return (writer.bytes, isKnown) }
        var bytes = writer.bytes
        bytes.removeLast()
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        bytes += "\"id\":\"ingest-\(fingerprint.hex)\"}".utf8
        return (bytes, true)
    }
}

/// 128 bits over lines, one after the other (FNV-1a): it tells files apart that nobody has made to be alike.
struct Fingerprint {
    private static let prime = UInt128(1) << 88 | 0x13B
    private var state = UInt128(0x6C62_272E_07BB_0142) << 64 | 0x62B8_2175_6295_C58D

    /// Goes on with a line.
    mutating func add(_ line: [UInt8]) {
        for byte in line { state = (state ^ UInt128(byte)) &* Self.prime }
        state = (state ^ 0x0A) &* Self.prime
    }

    /// As 32 hexadecimal digits.
    var hex: String { state.hex }
}
