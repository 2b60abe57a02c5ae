import PlimsollWire

/// What a server says in place of an answer: `application/problem+json`.
struct ServerProblem: Hashable, Sendable {
    let status: Int
    let code: String
    let title: String
    let detail: String

    init(_ answer: ServerAnswer) {
        let document = Document(try? JSONText.parse(answer.body, file: "answer"))
        status = answer.status
        code = document["code"].text ?? ""
        title = document["title"].text ?? "The server answered \(answer.status)."
        detail = document["detail"].text ?? "Is it a Plimsoll server, and the right path?"
    }

    /// The failure of a command that has asked.
    var failure: CommandFailure {
        switch status {
        case 404: .notFound(problem: title, remedy: detail)
        case 400: .usage(problem: title, remedy: detail)
        case 401 where code == "unauthorized":
            .refused(
                problem: title,
                remedy: "Name it with --key-file, PLIMSOLL_KEY_FILE or PLIMSOLL_KEY; "
                    + "'plimsoll keys create' makes one."
            )
        case 422: .insufficientData(problem: title, remedy: detail)
        case 502, 503, 504: .unreachable(problem: title, remedy: detail)
        default: .refused(problem: title, remedy: detail)
        }
    }
}
