import ConformanceKit
import Glibc

/// Writes a line to standard error.
func complain(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    var first = 0
    while first < bytes.count {
        let count = bytes[first...].withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
        guard count > 0 else { return }
        first += count
    }
}

let result = Program.run(Array(CommandLine.arguments.dropFirst()))
for line in result.output { print(line) }
for line in result.errors { complain(line) }
fflush(nil)
exit(result.code)
