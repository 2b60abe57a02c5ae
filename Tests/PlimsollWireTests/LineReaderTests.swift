import CZlib
import Glibc
import PlimsollWire
import Testing

/// A file that is removed when the value is.
private final class TemporaryFile {
    let path: String

    init(_ bytes: [UInt8], suffix: String = ".ndjson") throws {
        var template = Array("/tmp/plimsoll-XXXXXX\(suffix)".utf8CString)
        let descriptor = mkstemps(&template, Int32(suffix.utf8.count))
        try #require(descriptor >= 0)
        path = template.withUnsafeBufferPointer { buffer in
            String(decoding: buffer.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        var written = 0
        while written < bytes.count {
            written += bytes[written...].withUnsafeBytes {
                write(descriptor, $0.baseAddress, $0.count)
            }
        }
        close(descriptor)
    }

    deinit { unlink(path) }
}

/// `bytes` as one gzip member.
private func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var packed = [UInt8](repeating: 0, count: Int(compressBound(UInt(bytes.count))))
    var length = UInt(packed.count)
    compress2(&packed, &length, bytes, UInt(bytes.count), 6)
    // zlib's format is two bytes, the data, and a sum of four bytes.
    let data = packed[2..<Int(length) - 4]
    let sum = UInt32(crc32(0, bytes, UInt32(bytes.count)))
    var file: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
    file += data
    for value in [sum, UInt32(bytes.count)] {
        for shift in [0, 8, 16, 24] as [UInt32] { file.append(UInt8(value >> shift & 0xff)) }
    }
    return file
}

private func lines(_ path: String, limit: Int = LineReader.lineLimit) throws(InputFault) -> [String]
{
    let reader = try LineReader(path: path, lineLimit: limit)
    var lines: [String] = []
    while let line = try reader.next() { lines.append(String(decoding: line.bytes, as: UTF8.self)) }
    return lines
}

@Suite struct `Lines of a file` {
    private let text = Array("one\r\ntwo\n\nfour\nlast".utf8)

    @Test func `a file is read line by line, plain and packed`() throws {
        let expected = ["one", "two", "", "four", "last"]
        let plain = try TemporaryFile(text)
        #expect(try lines(plain.path) == expected)
        let packed = try TemporaryFile(gzip(text), suffix: ".ndjson.gz")
        #expect(try lines(packed.path) == expected)
        let misnamed = try TemporaryFile(gzip(text))
        #expect(try lines(misnamed.path) == expected)
        let members = try TemporaryFile(gzip(Array(text[..<6])) + gzip(Array(text[6...])))
        #expect(try lines(members.path) == expected)
        let empty = try TemporaryFile([])
        #expect(try lines(empty.path) == [])
    }

    @Test func `lines are numbered and the last one may lack its newline`() throws {
        let file = try TemporaryFile(text)
        let reader = try LineReader(path: file.path)
        var seen: [Int] = []
        var terminated: [Bool] = []
        while let line = try reader.next() {
            seen.append(line.number)
            terminated.append(line.isTerminated)
        }
        #expect(seen == [1, 2, 3, 4, 5])
        #expect(terminated == [true, true, true, true, false])
        #expect(reader.size == text.count && reader.bytesRead == text.count)
        #expect(try reader.next() == nil)
    }

    @Test func `lines across chunks are whole`() throws {
        let expected = (0..<20_000).map { "line \($0) " + String(repeating: "x", count: $0 % 97) }
        let bytes = Array((expected.joined(separator: "\n") + "\n").utf8)
        let plain = try TemporaryFile(bytes)
        #expect(try lines(plain.path) == expected)
        let packed = try TemporaryFile(gzip(bytes))
        #expect(try lines(packed.path) == expected)
    }

    @Test func `a line beyond the limit is refused, even if it never ends`() throws {
        let exact = try TemporaryFile(Array("ab\nabcd\n".utf8))
        #expect(try lines(exact.path, limit: 4) == ["ab", "abcd"])
        #expect(
            message { () throws(InputFault) in try lines(exact.path, limit: 3) }
                == """
                \(exact.path):2:1: the line is longer than 3 bytes.
                  Write one event on each line.
                """
        )
        let bomb = try TemporaryFile(gzip([UInt8](repeating: 0x20, count: 64_000_000)))
        #expect(
            message { () throws(InputFault) in try lines(bomb.path) }
                .contains("the line is longer than 1048576 bytes.")
        )
    }

    @Test func `gzip data that is cut off or damaged is refused`() throws {
        let whole = gzip(Array((0..<5_000).map { "line \($0)\n" }.joined().utf8))
        for length in [2, 9, 10, 11, 100, whole.count / 2, whole.count - 8, whole.count - 1] {
            let file = try TemporaryFile(Array(whole[..<length]))
            #expect(
                message { () throws(InputFault) in try lines(file.path) } == """
                    \(file.path): the gzip data ends in the middle, after \(length) bytes.
                      Copy or download the file again; it was cut off.
                    """
            )
        }
        for index in [3, 50, whole.count / 2, whole.count - 6] {
            var damaged = whole
            damaged[index] ^= 0xff
            let file = try TemporaryFile(damaged)
            #expect(
                message { () throws(InputFault) in try lines(file.path) }.contains("the gzip data")
            )
        }
        let trailing = try TemporaryFile(whole + Array("more".utf8))
        #expect(
            message { () throws(InputFault) in try lines(trailing.path) }
                .contains("the gzip data is damaged")
        )
    }

    @Test func `a file that cannot be read is named`() throws {
        #expect(
            message { () throws(InputFault) in try lines("/tmp/plimsoll-none.ndjson") }
                == """
                /tmp/plimsoll-none.ndjson: the file could not be opened: No such file or directory.
                  Check the path; it is relative to the working directory.
                """
        )
        #expect(
            message { () throws(InputFault) in try lines("/tmp") }
                == """
                /tmp: the file could not be read: Is a directory.
                  Check what the path names and who may read it.
                """
        )
        let text = try TemporaryFile(text, suffix: ".ndjson.gz")
        #expect(
            message { () throws(InputFault) in try lines(text.path) }
                .contains("the file is not gzip data, although its name ends with '.gz'.")
        )
    }
}
