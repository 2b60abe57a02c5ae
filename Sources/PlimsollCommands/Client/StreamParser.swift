/// One server-sent event.
struct StreamMessage: Hashable, Sendable {
    /// What it is: `snapshot`, `effects`, `gap`.
    var event = ""
    /// Where a client goes on after it; `nil`: it says no place.
    var id: String?
    /// What it says.
    var data: [UInt8] = []
}

/// Cuts the bytes of a `text/event-stream` into messages, in whatever pieces they come.
struct StreamParser {
    /// What waits for the end of its line; larger than any message of ours.
    private static let lineLimit = 64 << 20

    private var line: [UInt8] = []
    private var message = StreamMessage()
    private var hasData = false
    private var isBehindReturn = false

    /// The messages that are whole with these bytes.
    mutating func messages(in bytes: some Sequence<UInt8>) -> [StreamMessage] {
        var whole: [StreamMessage] = []
        for byte in bytes {
            let followsReturn = isBehindReturn
            isBehindReturn = byte == UInt8(ascii: "\r")
            guard byte == UInt8(ascii: "\n") || isBehindReturn else {
                if line.count < Self.lineLimit { line.append(byte) }
                continue
            }
            // CR LF is one end of a line.
            if followsReturn, byte == UInt8(ascii: "\n") { continue }
            if let message = endLine() { whole.append(message) }
        }
        return whole
    }

    /// Ends a line; an empty one ends a message.
    private mutating func endLine() -> StreamMessage? {
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else {
            defer {
                message = StreamMessage()
                hasData = false
            }
            return hasData ? message : nil
        }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "event": message.event = String(decoding: value, as: UTF8.self)
        case "id": message.id = String(decoding: value, as: UTF8.self)
        case "data":
            if hasData { message.data.append(UInt8(ascii: "\n")) }
            message.data += value
            hasData = true
        default: break  // Comments and fields that do not concern us.
        }
        return nil
    }
}
