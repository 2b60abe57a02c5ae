import Glibc
package import Logging
import PlimsollNode
import PlimsollWire

/// Writes log lines to standard error, one a call: JSON objects, or text for people.
///
/// What others chose, such as the id of a request, cannot break a line or steer a terminal: control characters and those
/// that change the direction of text are escaped, and long values are cut.
package struct LineLog: LogHandler {
    /// What a line looks like.
    package enum Format: String, Sendable, CaseIterable {
        case json, text
    }

    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    private let format: Format
    private let write: @Sendable ([UInt8]) -> Void

    /// How many bytes a message or a value has at most.
    static let valueLimit = 512

    /// A log from a level on; `write` gets each line with its end.
    package init(
        _ format: Format,
        level: Logger.Level,
        write: @escaping @Sendable ([UInt8]) -> Void = Self.toStandardError
    ) {
        self.format = format
        logLevel = level
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let now = MarginNode.wallClock / 1_000_000
        switch format {
        case .json: write(Self.json(event.level, "\(event.message)", fields, now))
        case .text: write(Self.text(event.level, "\(event.message)", fields))
        }
    }

    private static func json(
        _ level: Logger.Level,
        _ message: String,
        _ fields: [(key: String, value: Logger.Metadata.Value)],
        _ now: Int64
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.field("time", number: now)
            object.field("level", level.rawValue)
            object.field("message", plain(message))
            for (key, value) in fields { object.field(plain(key), plain("\(value)")) }
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private static func text(
        _ level: Logger.Level,
        _ message: String,
        _ fields: [(key: String, value: Logger.Metadata.Value)]
    ) -> [UInt8] {
        let pairs = fields.map { " \(plain($0.key))=\(plain("\($0.value)"))" }.joined()
        return Array("plimsoll: \(level.rawValue): \(plain(message))\(pairs)\n".utf8)
    }

    /// Text without what could break a line, colour a terminal or turn the direction of what follows.
    static func plain(_ text: String) -> String {
        var plain = ""
        for scalar in text.unicodeScalars {
            if plain.utf8.count >= valueLimit {
                plain += "…"
                break
            }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
                plain += "\\u{\(String(scalar.value, radix: 16))}"
            default: plain.unicodeScalars.append(scalar)
            }
        }
        return plain
    }

    /// Writes a line in one call, so that those of several threads do not mix.
    @Sendable
    package static func toStandardError(_ line: [UInt8]) {
        var sent = 0
        while sent < line.count {
            let count = line.withUnsafeBytes { part in
                Glibc.write(STDERR_FILENO, part.baseAddress.map { $0 + sent }, line.count - sent)
            }
            if count > 0 { sent += count } else if errno != EINTR { return }
        }
    }
}
