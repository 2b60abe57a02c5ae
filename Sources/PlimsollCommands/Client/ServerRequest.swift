/// One question to a server.
struct ServerRequest: Sendable {
    /// How it is asked.
    enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    var method = Method.get
    /// Path and query, encoded.
    var target: String
    var body: [UInt8] = []
    var mediaType: String?
    /// To ask it twice does no more than to ask it once.
    var isRepeatable = true

    /// A question about `path`, whose segments after `/v1` are encoded here.
    init(_ path: String..., query: [(name: String, value: String?)] = []) {
        target = "/v1" + path.map { "/" + Self.encoded($0) }.joined()
        let pairs = query.compactMap { pair in
            pair.value.map { "\(pair.name)=\(Self.encoded($0))" }
        }
        if !pairs.isEmpty { target += "?" + pairs.joined(separator: "&") }
    }

    /// `text` as a segment of a path or a value of a query: all but the unreserved characters as `%XX`.
    static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                result += "%" + (hex.utf8.count == 1 ? "0" : "") + hex
            }
        }
        return result
    }
}

/// What a server has answered.
struct ServerAnswer: Sendable {
    var status: Int
    /// When to ask again, in seconds, where the server says so.
    var retryAfter: Int?
    var body: [UInt8]

    /// It is too busy now, and a later time may be better.
    var isBusy: Bool { status == 429 || status == 503 }
}
