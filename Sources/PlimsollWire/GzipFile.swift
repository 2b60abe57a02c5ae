import CZlib
import Glibc

/// The bytes of an open file, in chunks.
final class FileInput {
    static let chunkSize = 262_144

    let file: String
    let size: Int?
    private(set) var bytesRead = 0
    private let descriptor: Int32

    init(path: String) throws(InputFault) {
        file = path
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            size = nil
            throw FileInput.fault(file, "opened", code: errno)
        }
        var status = stat()
        let isRegular = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        size = isRegular ? Int(status.st_size) : nil
    }

    deinit {
        if descriptor > STDIN_FILENO { close(descriptor) }
    }

    /// Replaces `chunk` by the next bytes; it is empty at the end.
    func read(into chunk: inout [UInt8]) throws(InputFault) {
        var code: Int32 = 0
        let descriptor = descriptor
        chunk = [UInt8](unsafeUninitializedCapacity: Self.chunkSize) { buffer, count in
            var result = 0
            repeat {
                result = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            } while result < 0 && errno == EINTR
            if result < 0 { code = errno }
            count = max(result, 0)
        }
        guard code == 0 else { throw Self.fault(file, "read", code: code) }
        bytesRead += chunk.count
    }

    private static func fault(_ file: String, _ verb: String, code: Int32) -> InputFault {
        let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
        return InputFault(
            file: file,
            mark: nil,
            problem: "the file could not be \(verb): \(reason).",
            remedy: code == ENOENT
                ? "Check the path; it is relative to the working directory."
                : "Check what the path names and who may read it."
        )
    }
}

/// The bytes of a file, unpacked if they are gzip.
final class ByteSource {
    private let input: FileInput
    private let gzip: GzipInput?
    private var first: [UInt8] = []

    var bytesRead: Int { input.bytesRead }

    init(_ input: FileInput) throws(InputFault) {
        self.input = input
        // A pipe may give a single byte at first.
        while first.count < 2 {
            var chunk: [UInt8] = []
            try input.read(into: &chunk)
            if chunk.isEmpty { break }
            first += chunk
        }
        if first.starts(with: [0x1f, 0x8b]) {
            gzip = try GzipInput(input, first: first)
            first = []
            return
        }
        gzip = nil
        guard first.isEmpty || !input.file.hasSuffix(".gz") else {
            throw InputFault(
                file: input.file,
                mark: nil,
                problem: "the file is not gzip data, although its name ends with '.gz'.",
                remedy: "Compress it with gzip, or rename it."
            )
        }
    }

    /// Replaces `chunk` by the next bytes; it is empty at the end.
    func read(into chunk: inout [UInt8]) throws(InputFault) {
        if let gzip { return try gzip.read(into: &chunk) }
        guard first.isEmpty else {
            chunk = first
            first = []
            return
        }
        try input.read(into: &chunk)
    }
}

/// Gzip data, unpacked in chunks; members that follow one another are one text.
private final class GzipInput {
    private let input: FileInput
    /// On the heap: zlib keeps the address and refuses a stream that has moved.
    private let stream: UnsafeMutablePointer<z_stream>
    private var packed: [UInt8]
    private var position = 0
    /// Between two members the file may end.
    private var isInsideMember = true

    init(_ input: FileInput, first: [UInt8]) throws(InputFault) {
        self.input = input
        packed = first
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 31: a window of 15 bits, and a gzip header.
        let size = Int32(MemoryLayout<z_stream>.size)
        let status = inflateInit2_(stream, 31, zlibVersion(), size)
        guard status == Z_OK else { throw corrupt(status) }
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    func read(into chunk: inout [UInt8]) throws(InputFault) {
        while true {
            if position == packed.count {
                try input.read(into: &packed)
                position = 0
                if packed.isEmpty {
                    guard !isInsideMember else { throw cutOff() }
                    chunk = []
                    return
                }
            }
            if !isInsideMember {
                inflateReset(stream)
                isInsideMember = true
            }
            try inflateStep(into: &chunk)
            if !chunk.isEmpty { return }
        }
    }

    private func inflateStep(into chunk: inout [UInt8]) throws(InputFault) {
        var status = Z_OK
        chunk = [UInt8](unsafeUninitializedCapacity: FileInput.chunkSize) { output, count in
            packed.withUnsafeMutableBufferPointer { input in
                stream.pointee.next_in = input.baseAddress.map { $0 + position }
                stream.pointee.avail_in = UInt32(input.count - position)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(output.count)
                status = inflate(stream, Z_NO_FLUSH)
                position = input.count - Int(stream.pointee.avail_in)
                count = output.count - Int(stream.pointee.avail_out)
            }
        }
        switch status {
        case Z_STREAM_END: isInsideMember = false
        // Z_BUF_ERROR: nothing could be done with so little input; there will be more, or the end.
        case Z_OK, Z_BUF_ERROR: break
        default: throw corrupt(status)
        }
    }

    private func cutOff() -> InputFault {
        InputFault(
            file: input.file,
            mark: nil,
            problem: "the gzip data ends in the middle, after \(input.bytesRead) bytes.",
            remedy: "Copy or download the file again; it was cut off."
        )
    }

    private func corrupt(_ status: Int32) -> InputFault {
        let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)"
        return InputFault(
            file: input.file,
            mark: nil,
            problem: "the gzip data is damaged before byte \(input.bytesRead): \(reason).",
            remedy: "Copy or download the file again, and test it with gzip -t."
        )
    }
}
