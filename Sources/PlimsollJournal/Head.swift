/// What a journal said was durable, kept outside of its segments: a record that is broken up to here is damage,
/// one beyond it was cut by a crash and never acknowledged.
///
/// Two slots are written in turn, so that a write that is cut leaves the other one.
struct Head: Hashable {
    /// The last durable event; 0: none.
    var sequence: UInt64
    var chain: Chain

    static let name = "head.pj"

    /// One slot.
    func bytes(_ count: UInt64) -> [UInt8] {
        var bytes = Layout.headMagic
        bytes.put(count)
        bytes.put(sequence)
        bytes.append(contentsOf: chain.bytes)
        bytes.put(CRC32C.of(bytes))
        bytes.append(contentsOf: repeatElement(0, count: Layout.headSlot - bytes.count))
        return bytes
    }

    /// The newer of the slots that are whole, how often the head was written, and how many slots are whole.
    static func read(_ bytes: [UInt8]) -> (head: Head, count: UInt64, whole: Int)? {
        var best: (head: Head, count: UInt64)?
        var whole = 0
        for start in [0, Layout.headSlot] {
            guard bytes.count >= start + Layout.headSlot else { continue }
            let slot = Array(bytes[start..<start + Layout.headSlot])
            guard slot.starts(with: Layout.headMagic),
                CRC32C.of(slot.prefix(56)) == slot.number(at: 56),
                slot[60...].allSatisfy({ $0 == 0 })
            else { continue }
            whole += 1
            let count = slot.number(at: 8, as: UInt64.self)
            if let best, best.count > count { continue }
            let chain = Chain(bytes: Array(slot[24..<56]))
            best = (Head(sequence: slot.number(at: 16), chain: chain), count)
        }
        return best.map { ($0.head, $0.count, whole) }
    }
}
