import Plimsoll
import PlimsollReports
import PlimsollWire

/// The events of a file; standard input is kept, so that it can be read twice.
struct EventFileHistory: EventHistory {
    typealias Failure = InputFault

    let name: String
    private let kept: [LineReader.Line]?
    private let reader: EventReader

    init(file: String) throws(InputFault) {
        name = file
        let catalog = RulebookCatalog.standard()
        reader = EventReader(file: file) { (node, file) throws(InputFault) in
            try catalog.adopted(node, in: file)
        }
        guard file == "-" else {
            kept = nil
            return
        }
        let lines = try LineReader(path: file)
        var kept: [LineReader.Line] = []
        while let line = try lines.next() { kept.append(line) }
        self.kept = kept
    }

    func start() -> Engine { Engine() }

    func each(
        _ engine: inout Engine,
        _ body: (inout Engine, Event, _ number: Int) -> Bool
    ) throws(InputFault) {
        if let kept {
            for line in kept where !(try hand(line, &engine, body)) { return }
            return
        }
        let lines = try LineReader(path: name)
        while let line = try lines.next() {
            guard try hand(line, &engine, body) else { return }
        }
    }

    /// Hands on the event of a line, if it has one.
    private func hand(
        _ line: LineReader.Line,
        _ engine: inout Engine,
        _ body: (inout Engine, Event, _ number: Int) -> Bool
    ) throws(InputFault) -> Bool {
        let event = try reader.event(
            line.bytes,
            number: line.number,
            directory: engine.directory,
            clock: engine.clock
        )
        guard let event else { return true }
        return body(&engine, event, line.number)
    }
}
