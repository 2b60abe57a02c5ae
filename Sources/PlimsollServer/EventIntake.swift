import Glibc
import Plimsoll
import PlimsollNode
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// Turns the bodies of `POST /v1/events` into events and what became of them into answers.
struct EventIntake: Sendable {
    private let node: MarginNode
    private let reader: EventReader
    private let stampsTime: Bool

    /// How many lines are read before others have their turn: with all of a body at once a question for one account would
    /// wait for milliseconds.
    private static let turn = 16

    /// Lets other threads have the core, which Linux would leave to this one for milliseconds, and other tasks the thread.
    private static func giveWay() async {
        sched_yield()
        await Task.yield()
    }

    /// The name that errors show for a body.
    private static let file = "body"

    init(_ node: MarginNode, catalog: RulebookCatalog) {
        self.node = node
        stampsTime = node.configuration.clock == .wall
        let known = KnownRulebooks(catalog)
        reader = EventReader(file: Self.file) { (node, file) throws(InputFault) in
            try known.load(node, file)
        }
    }

    // MARK: One event

    /// One event as a JSON object.
    func single(_ body: [UInt8], may: EventPermission) async throws(Problem) -> Reply {
        try refuseIfStopped()
        let node: Node
        do {
            node = try JSONText.parse(body, file: Self.file)
        } catch {
            throw .malformed(error)
        }
        let event = try event(node, self.node.directory, may)
        let outcomes = try await submit([event], wantsEffects: true)
        var writer = JSONWriter()
        switch outcomes.first {
        case .accepted(let sequence, let effects):
            answer(&writer, "accepted", sequence, effects)
        case .repeated, nil:
            answer(&writer, "repeated", self.node.read { $0.sequence }, [])
        case .refused(let rejection, _):
            throw Self.problem(rejection)
        }
        return .json(writer.bytes)
    }

    private func answer(
        _ writer: inout JSONWriter,
        _ status: String,
        _ sequence: UInt64,
        _ effects: [Effect]
    ) {
        writer.object { object in
            object.field("status", status)
            object.field("seq", number: sequence)
            object.key("effects")
            object.array { array in
                guard !effects.isEmpty else { return }
                var names = EffectNames(node.directory)
                node.read { engine in
                    for effect in effects { names.take(effect, from: engine) }
                }
                var words = EffectWriter()
                for effect in effects { array.object { words.write(effect, of: names, to: &$0) } }
            }
        }
    }

    /// The problem that stands for a refusal.
    private static func problem(_ rejection: Rejection) -> Problem {
        if case .conflict = rejection {
            return Problem(
                409,
                rejection.code,
                "The id was used for another event.",
                "\(rejection.problem). \(rejection.remedy)"
            )
        }
        return Problem(
            422,
            rejection.code,
            "The event was refused and changed nothing.",
            "\(rejection.problem). \(rejection.remedy)"
        )
    }

    // MARK: Lines

    /// Events as lines; each stands alone, in order.
    func lines(_ body: [UInt8], may: EventPermission) async throws(Problem) -> Reply {
        try refuseIfStopped()
        let lines = try await parsed(body)
        var tally = Tally()
        var directory = node.directory
        var pending: [(event: Event, line: Int)] = []
        for (index, (node, number)) in lines.enumerated() {
            if index % Self.turn == 0 { await Self.giveWay() }
            do throws(Problem) {
                pending.append((try event(node, directory, may), number))
            } catch {
                // A line may use a name that an earlier one defines: that one is applied first.
                guard pending.contains(where: { $0.event.body.definesName }) else {
                    tally.add(error, line: number)
                    continue
                }
                try await flush(&pending, &tally)
                directory = self.node.directory
                do throws(Problem) {
                    pending.append((try event(node, directory, may), number))
                } catch {
                    tally.add(error, line: number)
                }
            }
        }
        try await flush(&pending, &tally)
        return .json(tally.bytes(sequence: tally.last ?? node.read { $0.sequence }))
    }

    /// All lines as JSON, or the first that is not.
    private func parsed(_ body: [UInt8]) async throws(Problem) -> [(node: Node, line: Int)] {
        var lines: [(node: Node, line: Int)] = []
        var number = 0
        for line in body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            if number % Self.turn == 0 { await Self.giveWay() }
            guard let first = line.first(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0d }),
                first != UInt8(ascii: "#")
            else { continue }
            do {
                let node = try JSONText.parse(Array(line), file: Self.file, firstLine: number)
                lines.append((node, number))
            } catch {
                throw .malformed(error)
            }
        }
        return lines
    }

    private func flush(
        _ pending: inout [(event: Event, line: Int)],
        _ tally: inout Tally
    ) async throws(Problem) {
        guard !pending.isEmpty else { return }
        let outcomes = try await submit(pending.map(\.event), wantsEffects: false)
        for (outcome, entry) in zip(outcomes, pending) {
            switch outcome {
            case .accepted(let sequence, _): tally.accept(sequence)
            case .repeated: tally.repeated += 1
            case .refused(let rejection, _): tally.add(Self.problem(rejection), line: entry.line)
            }
        }
        pending.removeAll(keepingCapacity: true)
    }

    /// What became of lines.
    private struct Tally {
        var accepted = 0
        var repeated = 0
        var last: UInt64?
        private var problems: [(line: Int, problem: Problem)] = []
        private var refused = 0

        mutating func accept(_ sequence: UInt64) {
            accepted += 1
            last = sequence
        }

        mutating func add(_ problem: Problem, line: Int) {
            refused += 1
            if problems.count < InputFaults.limit { problems.append((line, problem)) }
        }

        func bytes(sequence: UInt64) -> [UInt8] {
            var writer = JSONWriter()
            writer.object { object in
                object.field("seq", number: sequence)
                object.field("accepted", number: accepted)
                object.field("repeated", number: repeated)
                object.field("refused", number: refused)
                object.key("problems")
                object.array { array in
                    for (line, problem) in problems {
                        array.object { entry in
                            entry.field("line", number: line)
                            entry.field("code", problem.code)
                            entry.field("detail", problem.detail)
                        }
                    }
                }
            }
            return writer.bytes
        }
    }

    // MARK: Both

    /// A node that has stopped says so, whatever it is sent: what is wrong with an event may only be that the one before
    /// it was not taken.
    private func refuseIfStopped() throws(Problem) {
        if let failure = node.failure { throw .unavailable(.stopped(failure)) }
    }

    private func event(
        _ node: Node,
        _ directory: Directory,
        _ may: EventPermission
    ) throws(Problem) -> Event {
        let event: Event
        do throws(InputFault) {
            if stampsTime, let at = try NodeReader(mapping: node, file: Self.file).optional("at") {
                throw at.fault(
                    "'at' is stamped by the server.",
                    remedy: "Leave it out, or start the server with --clock events."
                )
            }
            event = try reader.event(node, directory: directory, clock: .zero)
        } catch {
            throw .malformed(error)
        }
        guard may.allows(event.body) else {
            throw .forbidden("Actions of an operator need a key with the role 'operator'.")
        }
        return event
    }

    private func submit(
        _ events: [Event],
        wantsEffects: Bool
    ) async throws(Problem) -> [Outcome] {
        do throws(NodeError) {
            return try await node.submit(events, wantsEffects: wantsEffects)
        } catch {
            throw .unavailable(error)
        }
    }
}

/// Which events a key may send.
enum EventPermission: Sendable {
    /// All but actions of an operator.
    case facts
    /// All.
    case all

    func allows(_ body: Event.Body) -> Bool {
        if case .operatorActed = body { return self == .all }
        return true
    }
}

/// Rulebooks that a request may name: an id of the catalog, or a mapping that extends one; never a path.
private struct KnownRulebooks: Sendable {
    private let catalog: RulebookCatalog

    init(_ catalog: RulebookCatalog) { self.catalog = catalog }

    func load(_ node: Node, _ file: String) throws(InputFault) -> Rulebook {
        switch node.content {
        case .scalar(let id, _):
            try check(id, NodeReader(node, file: file, path: "rulebook"))
        case .mapping:
            let reader = NodeReader(node, file: file, path: "rulebook")
            if let exported = try reader.canonicalRulebook() { return try known(exported, reader) }
            if let base = reader.optional("extends") { try check(try base.scalar(), base) }
        default: break
        }
        return try catalog.adopted(node, in: file)
    }

    /// Rules of an export: only those that are in the catalog, for nobody has checked the bytes of others.
    private func known(_ exported: Rulebook, _ reader: NodeReader) throws(InputFault) -> Rulebook {
        try check(exported.id, reader)
        let own = try? catalog.load(exported.id).rulebook
        guard let own, own.fingerprint == exported.fingerprint else {
            throw reader.fault(
                "the rules of \(exported.id)@\(exported.version) are not those of this server.",
                remedy: "Adopt the server's own by their id, or send the rules as a mapping."
            )
        }
        return own
    }

    private func check(_ id: String, _ reader: NodeReader) throws(InputFault) {
        let isWord = id.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) || $0 == UInt8(ascii: "-")
                || $0 == UInt8(ascii: "_")
        }
        guard isWord, !id.isEmpty, id.utf8.count <= 64 else {
            throw reader.fault(
                "\(Excerpt.quoted(id)) is not the id of a rulebook.",
                remedy: "Name one of /v1/rulebooks, or send the rules themselves."
            )
        }
    }
}
