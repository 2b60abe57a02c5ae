import Glibc

/// The lines of an `.ndjson` file, an `.ndjson.gz` file or standard input, one after the other.
///
/// Memory is bounded whatever the file holds: 256 KiB at a time are read and unpacked, and a line
/// beyond the limit is a fault. Gzip is known by its first two bytes, not by the name.
public final class LineReader {
    /// Longest line, in bytes.
    public static let lineLimit = 1_048_576

    /// One line, without its end.
    public struct Line: Sendable {
        /// The number of the line, from 1.
        public let number: Int
        /// Its bytes.
        public let bytes: [UInt8]
        /// False for the last line of a file that does not end with a newline.
        public let isTerminated: Bool
    }

    /// The name of the file, `-` for standard input.
    public let file: String
    /// Bytes taken from the file so far, before unpacking.
    public var bytesRead: Int { source.bytesRead }
    /// The size of the file, before unpacking; `nil` for a pipe.
    public let size: Int?

    private let source: ByteSource
    private let limit: Int
    private var chunk: [UInt8] = []
    private var position = 0
    private var number = 0
    private var hasEnded = false

    /// A reader of the file at `path`, or of standard input for `-`.
    public init(path: String, lineLimit: Int = LineReader.lineLimit) throws(InputFault) {
        file = path
        limit = lineLimit
        let input = try FileInput(path: path)
        size = input.size
        source = try ByteSource(input)
    }

    /// The next line, or `nil` at the end.
    public func next() throws(InputFault) -> Line? {
        var line: [UInt8] = []
        number += 1
        while true {
            if position == chunk.count {
                guard try refill() else { break }
            }
            let end = indexOfNewline()
            let part = chunk[position..<(end ?? chunk.count)]
            guard line.count + part.count <= limit else { throw tooLong() }
            line.append(contentsOf: part)
            if let end {
                position = end + 1
                if line.last == UInt8(ascii: "\r") { line.removeLast() }
                return Line(number: number, bytes: line, isTerminated: true)
            }
            position = chunk.count
        }
        return line.isEmpty ? nil : Line(number: number, bytes: line, isTerminated: false)
    }

    private func refill() throws(InputFault) -> Bool {
        guard !hasEnded else { return false }
        position = 0
        try source.read(into: &chunk)
        hasEnded = chunk.isEmpty
        return !hasEnded
    }

    private func indexOfNewline() -> Int? {
        chunk.withUnsafeBytes { bytes in
            // `memchr` looks at many bytes at a time; lines are found several times faster.
            guard let base = bytes.baseAddress,
                let found = memchr(
                    base + position,
                    Int32(UInt8(ascii: "\n")),
                    bytes.count - position
                )
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    private func tooLong() -> InputFault {
        InputFault(
            file: file,
            mark: Mark(line: number, column: 1),
            problem: "the line is longer than \(limit) bytes.",
            remedy: "Write one event on each line."
        )
    }
}
