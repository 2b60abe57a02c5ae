/// The command `conformance`.
package enum Program {
    /// What a run leaves behind.
    package struct Result: Sendable {
        /// Lines of standard output.
        package var output: [String] = []
        /// Lines of standard error.
        package var errors: [String] = []
        /// 0: nothing failed; 1: a vector failed; 2: wrong usage; 3: a file is unreadable.
        package var code: Int32 = 0
    }

    static let usage = """
        usage: conformance FILE...

        Runs the vectors of FILEs (format conformance-vectors-1) through the margin engine and
        prints a line for each: pass, FAIL or skip, its id, and key, expected and actual figure.
        Exit code: 0 nothing failed, 1 a vector failed, 2 wrong usage, 3 a file cannot be read.
        """

    /// Runs the command.
    package static func run(_ arguments: [String]) -> Result {
        var result = Result()
        if arguments.contains("--help") || arguments.contains("-h") {
            result.output = [usage]
            return result
        }
        if let option = arguments.first(where: { $0.hasPrefix("-") && $0.count > 1 }) {
            result.errors = ["conformance: the option '\(option)' is not known.", usage]
            result.code = 2
            return result
        }
        guard !arguments.isEmpty else {
            result.errors = ["conformance: no file was named.", usage]
            result.code = 2
            return result
        }
        var vectors: [Vector] = []
        for path in arguments {
            do {
                vectors += try VectorFile.read(path)
            } catch {
                result.errors.append("\(error)")
                result.code = 3
            }
        }
        guard result.code == 0 else { return result }
        run(vectors, &result)
        return result
    }

    private static func run(_ vectors: [Vector], _ result: inout Result) {
        var passed = 0
        var failed = 0
        var skipped = 0
        for vector in vectors {
            let outcome = Runner.run(vector)
            switch outcome {
            case .passed: passed += 1
            case .failed: failed += 1
            case .skipped: skipped += 1
            }
            result.output.append(outcome.line(vector.id))
        }
        result.output.append("\(passed) passed, \(failed) failed, \(skipped) skipped")
        result.code = failed > 0 ? 1 : 0
    }
}
