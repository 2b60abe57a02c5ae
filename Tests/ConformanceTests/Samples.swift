import ConformanceKit
import Glibc

/// Vectors and files for tests.
enum Samples {
    /// The files of vectors that the project carries.
    static func paths() throws -> [String] {
        let here = #filePath
        let tests = here.split(separator: "/").dropLast(2).joined(separator: "/")
        let directory = "/\(tests)/conformance"
        return [
            "binance", "bitmex", "bybit", "deribit", "drift-v2", "dydx-v4", "forms", "gate",
            "hyperliquid", "kraken", "lean-binance", "lean-bybit", "nautilus-bitmex", "okx",
            "percolator", "perps-market", "vega",
        ].map { "\(directory)/\($0).json" }
    }

    /// A file of one vector, as text.
    static func text(
        venue: String = "binance",
        kind: String = "initial_margin",
        inputs: String,
        expected: String,
        tolerance: String = "{}",
        units: String = "{}"
    ) -> String {
        """
        {"format": "conformance-vectors-1", "venue": "\(venue)", "vectors": [{"id": "v",
        "kind": "\(kind)", "inputs": \(inputs), "expected": \(expected),
        "tolerance": \(tolerance), "units": \(units)}]}
        """
    }

    /// One vector.
    static func vector(
        venue: String = "binance",
        kind: String = "initial_margin",
        inputs: String,
        expected: String,
        tolerance: String = "{}",
        units: String = "{}"
    ) throws -> Vector {
        let text = text(
            venue: venue,
            kind: kind,
            inputs: inputs,
            expected: expected,
            tolerance: tolerance,
            units: units
        )
        let vectors = try VectorFile.parse(Array(text.utf8), file: "test")
        guard let vector = vectors.first else { throw VectorError.failed("no vector") }
        return vector
    }

    /// Another figure of the same shape, far beyond any tolerance.
    static func perturbed(_ expected: Expected) throws -> Expected {
        switch expected {
        case .number(let number): return .number(try other(number))
        case .none: return .number(.one)
        case .list(var numbers):
            numbers[numbers.count - 1] = try other(numbers[numbers.count - 1])
            return .list(numbers)
        case .table(var table):
            table[0].value = try other(table[0].value)
            return .table(table)
        case .rows(var rows):
            let last = rows.count - 1
            rows[last][0].value = try other(rows[last][0].value)
            return .rows(rows)
        case .flag(let flag): return .flag(!flag)
        case .other: return .other
        }
    }

    private static func other(_ number: Exact) throws -> Exact { try number * Exact(2) + Exact(3) }

    /// A temporary file with `text`.
    static func file(_ text: String) throws -> String {
        var template = Array("/tmp/conformance-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw VectorError.failed("no temporary file") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written == bytes.count else { throw VectorError.failed("nothing was written") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
