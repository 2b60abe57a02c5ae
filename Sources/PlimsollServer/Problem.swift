import PlimsollNode
import PlimsollWire

/// An error as RFC 9457 has it, with a stable code.
package struct Problem: Error, Hashable, Sendable {
    /// A field of the request that is wrong.
    package struct Field: Hashable, Sendable {
        package var name: String
        package var problem: String
    }

    /// The HTTP status.
    package var status: Int
    /// The stable word for programs, such as `malformed`.
    package var code: String
    /// What happened, for people: the same for every problem of this code.
    package var title: String
    /// What is wrong here, where, and the remedy.
    package var detail: String
    /// The fields that are wrong.
    package var fields: [Field] = []
    /// Line and column of the body, from 1.
    package var line: Int?
    package var column: Int?
    /// When to try again, in seconds.
    package var retryAfter: Int?

    init(_ status: Int, _ code: String, _ title: String, _ detail: String) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
    }

    /// The body of the answer.
    package var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.field("type", "about:blank#\(code)")
            object.field("title", title)
            object.field("status", number: status)
            object.field("detail", detail)
            object.field("code", code)
            if let line { object.field("line", number: line) }
            if let column { object.field("column", number: column) }
            guard !fields.isEmpty else { return }
            object.key("fields")
            object.array { array in
                for field in fields {
                    array.object { entry in
                        entry.field("name", field.name)
                        entry.field("problem", field.problem)
                    }
                }
            }
        }
        return writer.bytes
    }
}

extension Problem {
    /// The body or a parameter has the wrong form.
    static func malformed(_ detail: String) -> Problem {
        Problem(400, "malformed", "The request has the wrong form.", detail)
    }

    /// The body has the wrong form, at a place.
    static func malformed(_ fault: InputFault) -> Problem {
        var problem = malformed("\(fault.problem) \(fault.remedy)")
        problem.line = fault.mark?.line
        problem.column = fault.mark?.column
        return problem
    }

    /// There is no such thing.
    static func notFound(_ detail: String) -> Problem {
        Problem(404, "not_found", "There is no such thing.", detail)
    }

    /// No key, a wrong key, or a wrong signature: which of them is not said.
    static let unauthorized = Problem(
        401,
        "unauthorized",
        "A valid key is needed.",
        "Send 'Authorization: Bearer KEY' or a signed request."
    )

    /// The key may not do this.
    static func forbidden(_ detail: String) -> Problem {
        Problem(403, "forbidden", "The key does not allow this.", detail)
    }

    /// The node takes no events now.
    static func unavailable(_ error: NodeError) -> Problem {
        switch error {
        case .tooMany:
            return Problem(413, "too_large", "Too much at once.", "\(error)")
        case .busy:
            var problem = Problem(503, "busy", "The inbox is full.", "\(error)")
            problem.retryAfter = 1
            return problem
        case .draining, .stopped:
            var problem = Problem(
                503,
                "journal_unavailable",
                "The node takes no events.",
                "\(error)"
            )
            problem.retryAfter = 5
            return problem
        }
    }
}
