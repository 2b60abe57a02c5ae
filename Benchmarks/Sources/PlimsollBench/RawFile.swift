import Glibc

/// Raw little-endian arrays without a header, as the peers read and write them.
enum RawFile {
    /// All elements of a file.
    static func read<Element: BitwiseCopyable>(
        _ folder: String,
        _ name: String,
        as type: Element.Type
    ) throws -> [Element] {
        let path = "\(folder)/\(name).bin"
        guard let file = fopen(path, "rb") else {
            throw BenchError.file(path, "cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        let size = ftell(file)
        rewind(file)
        let stride = MemoryLayout<Element>.stride
        guard size >= 0, size % stride == 0 else {
            throw BenchError.file(path, "has \(size) bytes, which is not a multiple of \(stride)")
        }
        var taken = 0
        let elements = [Element](unsafeUninitializedCapacity: size / stride) { buffer, count in
            taken = fread(buffer.baseAddress, stride, buffer.count, file)
            count = taken
        }
        guard taken == size / stride else { throw BenchError.file(path, "ended early") }
        return elements
    }
}
