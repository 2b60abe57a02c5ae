package import PlimsollAccess

/// A request after its head was read and its key was checked.
package struct Call: Sendable {
    /// The values of the route's parameters, in order.
    package var captures: [String] = []
    /// Query parameters; each at most once.
    package var query: [String: String] = [:]
    /// The media type of the body, without parameters, in lower case.
    package var mediaType = ""
    /// The body.
    package var body: [UInt8] = []
    /// The header `Last-Event-ID`.
    package var lastEventID: String?
    /// Who asks; `nil` only where no key is needed.
    package var principal: Principal?
}

/// What is answered.
package enum Reply: Sendable {
    /// A JSON document.
    case json([UInt8], status: Int = 200)
    /// Something else, whole.
    case content([UInt8], mediaType: String, headers: [(String, String)] = [])
    /// Server-sent events, until the client goes or is closed.
    case stream(StreamRequest)
}

/// What a client of the stream wants.
package struct StreamRequest: Sendable {
    /// Its topics, checked.
    var topics: Set<StreamTopic>
    /// The last event that it has seen; `nil`: none.
    var after: UInt64?
}

extension Call {
    /// The only account that the key sees; `nil`: all.
    var ownAccount: String? { principal?.account }

    /// Whether the key allows something.
    func allows(_ permission: Permission) -> Bool { principal?.allows(permission) ?? false }

    /// A whole number of the query, within limits.
    func integer<Number: FixedWidthInteger>(
        _ name: String,
        in range: ClosedRange<Number>,
        otherwise: Number
    ) throws(Problem) -> Number {
        guard let text = query[name] else { return otherwise }
        guard let value = Number(text), range.contains(value) else {
            throw .parameter(
                name,
                "is not a whole number from \(range.lowerBound) to \(range.upperBound)."
            )
        }
        return value
    }

    /// How many items a page has.
    func limit(otherwise: Int = 100) throws(Problem) -> Int {
        try integer("limit", in: 1...1_000, otherwise: otherwise)
    }
}

extension Problem {
    /// A parameter of the query is wrong.
    static func parameter(_ name: String, _ problem: String) -> Problem {
        var result = malformed("The parameter '\(name)' \(problem)")
        result.fields = [Field(name: name, problem: problem)]
        return result
    }
}
