import PlimsollWire

/// Makes the samples of the stream: an account that somebody follows four times a second, and the hub's turns.
struct Sampler: Sendable {
    let service: NodeService

    /// How often the hub takes a turn, and after how many turns there are samples.
    private static let turn = Duration.milliseconds(50)
    private static let turnsPerSample = 5

    /// Works until it is cancelled.
    func run() async {
        var turns = 0
        var last: [String: [UInt8]] = [:]
        while !Task.isCancelled {
            var changed: Set<StreamTopic> = []
            if turns % Self.turnsPerSample == 0 { changed = sampleAccounts(&last) }
            service.hub.tick(changed)
            turns += 1
            do { try await Task.sleep(for: Self.turn) } catch { return }
        }
    }

    private func sampleAccounts(_ last: inout [String: [UInt8]]) -> Set<StreamTopic> {
        var changed: Set<StreamTopic> = []
        var present: [String: [UInt8]] = [:]
        for name in service.hub.accounts {
            guard let id = try? service.account(name, venue: nil) else { continue }
            let document = service.document(of: id)
            present[name] = document
            guard last[name] != document else { continue }
            service.hub.note(document, of: .account(name))
            changed.insert(.account(name))
        }
        last = present
        return changed
    }
}
