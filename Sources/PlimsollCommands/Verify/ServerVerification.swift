import Glibc
import PlimsollReports
import PlimsollWire

/// A verification that a server makes of itself.
struct ServerVerification {
    private let client: ServerClient
    private let console: Console
    private let isDrawn: Bool

    /// How often it is asked how far it is, in microseconds.
    private static let pause: UInt32 = 200_000

    init(_ client: ServerClient, _ console: Console, isDrawn: Bool) {
        self.client = client
        self.console = console
        self.isDrawn = isDrawn
    }

    /// Starts one, or joins one that is under way, and waits for its end.
    func run() throws(CommandFailure) -> Node {
        let before = Document(try client.document(ServerRequest("verification")))
        var request = ServerRequest("verification")
        request.method = .post
        var node = try client.document(request)
        defer { if isDrawn { console.draw("\r\u{1B}[K") } }
        while !isDone(Document(node), before: before) {
            if isDrawn { draw(Document(node)) }
            usleep(Self.pause)
            node = try client.document(ServerRequest("verification"))
            guard Document(node)["state"].text != "none" else {
                throw .output(
                    "the server has been started again and has forgotten the verification; ask again"
                )
            }
        }
        return node
    }

    /// It has ended, and it is not the one that had ended before this one was started.
    private func isDone(_ state: Document, before: Document) -> Bool {
        guard state["endedAt"].isThere else { return false }
        return before["state"].text == "running" || !before["endedAt"].isThere
            || state["endedAt"].text != before["endedAt"].text
    }

    private func draw(_ state: Document) {
        guard let compared = state["compared"].integer, let accounts = state["accounts"].integer,
            state["state"].text == "running"
        else { return }
        console.draw(
            "\r\u{1B}[K\(NumberText.count(compared)) of \(NumberText.count(accounts)) accounts compared"
        )
    }
}
