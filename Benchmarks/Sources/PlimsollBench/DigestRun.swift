import Plimsoll
import PlimsollWire

/// The digest after an event file, as `plimsoll replay` prints it: so that a release build can be compared with a debug
/// build of the command.
struct DigestRun {
    let path: String

    func run() throws -> String {
        let catalog = RulebookCatalog.standard()
        let reader = EventReader(file: path) { (node, file) throws(InputFault) in
            try catalog.adopted(node, in: file)
        }
        let lines = try LineReader(path: path)
        var (engine, effects) = (Engine(), Effects())
        while let line = try lines.next() {
            let event = try reader.event(
                line.bytes,
                number: line.number,
                directory: engine.directory,
                clock: engine.clock
            )
            guard let event else { continue }
            engine.applyOrRefuse(event, emitting: &effects)
            effects.removeAll()
        }
        let digits = String(engine.digest, radix: 16)
        return String(repeating: "0", count: 32 - digits.utf8.count) + digits
    }
}
