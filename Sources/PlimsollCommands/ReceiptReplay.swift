import Plimsoll
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// The lines of an event file, as often as they are wanted; standard input is kept.
private struct ReceiptLines {
    private let file: String
    private let kept: [LineReader.Line]?

    init(file: String) throws(InputFault) {
        self.file = file
        guard file == "-" else {
            kept = nil
            return
        }
        let reader = try LineReader(path: file)
        var lines: [LineReader.Line] = []
        while let line = try reader.next() { lines.append(line) }
        kept = lines
    }

    /// Hands each line to `body` until that says to stop.
    func each(_ body: (LineReader.Line) throws(InputFault) -> Bool) throws(InputFault) {
        if let kept {
            for line in kept where !(try body(line)) { return }
            return
        }
        let reader = try LineReader(path: file)
        while let line = try reader.next() {
            guard try body(line) else { return }
        }
    }
}

/// Replays an event file twice: once to find a liquidation, once to look at each of its steps.
struct ReceiptReplay {
    let file: String
    let number: UInt64
    let verifies: Bool
    private let lines: ReceiptLines
    private let reader: EventReader

    init(file: String, number: UInt64, verifies: Bool) throws(InputFault) {
        self.file = file
        self.number = number
        self.verifies = verifies
        lines = try ReceiptLines(file: file)
        let catalog = RulebookCatalog.standard()
        reader = EventReader(file: file) { (node, file) throws(InputFault) in
            do throws(InputFaults) {
                return try catalog.load(NodeReader(node, file: file, path: "rulebook")).rulebook
            } catch {
                guard let first = error.faults.first else {
                    preconditionFailure("Invariant: faults that are thrown are not empty")
                }
                throw first
            }
        }
    }

    /// The first pass.
    func index() throws(InputFault) -> ReceiptIndex {
        var index = ReceiptIndex(number)
        var engine = Engine()
        var effects: [Effect] = []
        try lines.each { line throws(InputFault) in
            guard let event = try event(line, engine) else { return true }
            effects.removeAll(keepingCapacity: true)
            engine.applyOrRefuse(event, emitting: &effects)
            if !effects.isEmpty { index.note(event, effects, line: line.number) }
            return true
        }
        index.finish(engine)
        return index
    }

    /// The second pass; `nil` where there is no such liquidation.
    func receipt(_ index: ReceiptIndex) throws(InputFault) -> Receipt? {
        guard let account = index.account, let pool = index.pool else { return nil }
        let builder = ReceiptBuilder(
            index: index,
            receipt: Receipt(number: number, count: index.count, file: file, account: account),
            pool: pool,
            verifies: verifies
        )
        var engine = Engine()
        var effects: [Effect] = []
        var restored: Bool?
        try lines.each { line throws(InputFault) in
            guard let event = try event(line, engine) else { return true }
            if verifies, restored == nil, line.number >= index.first {
                restored = restore(&engine)
            }
            let isOwn = index.lines.contains(line.number) || index.fall == line.number
            let moment = isOwn ? engine.moment(of: event, before: pool) : nil
            effects.removeAll(keepingCapacity: true)
            engine.applyOrRefuse(event, emitting: &effects)
            builder.noteMark(event, engine, line: line.number)
            if (index.first...index.last).contains(line.number) {
                let scene = ReceiptBuilder.Scene(
                    event: event,
                    effects: effects,
                    line: line.number,
                    moment: moment,
                    after: engine
                )
                builder.add(scene)
            }
            return verifies || line.number < index.last
        }
        if verifies {
            builder.addHistory(
                restored: restored == true,
                same: engine.digest == index.digest,
                digest: engine.digest
            )
        }
        return builder.receipt
    }

    private func event(
        _ line: LineReader.Line,
        _ engine: borrowing Engine
    ) throws(InputFault) -> Event? {
        try reader.event(
            line.bytes,
            number: line.number,
            directory: engine.directory,
            clock: engine.clock
        )
    }

    /// Goes on with an engine that was made from a snapshot; `false` where that failed.
    private func restore(_ engine: inout Engine) -> Bool {
        do {
            engine = try Engine(snapshot: engine.snapshot())
            return true
        } catch {
            return false
        }
    }
}
