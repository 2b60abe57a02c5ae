/// How the files of a journal are laid out; numbers are little-endian.
///
/// | Segment, `journal-<first sequence>.pj` | bytes |
/// | --- | --- |
/// | `PLMSEGM1` | 0 to 7 |
/// | first sequence | 8 to 15 |
/// | chain before it | 16 to 47 |
/// | CRC-32C of 0 to 47 | 48 to 51 |
/// | zero | 52 to 63 |
/// | records, then zeros | from 64 |
///
/// | Record | bytes |
/// | --- | --- |
/// | `PLMR` | 0 to 3 |
/// | length of the payload | 4 to 7 |
/// | first sequence | 8 to 15 |
/// | time, nanoseconds UTC | 16 to 23 |
/// | number of events | 24 to 27 |
/// | how many events before it were not durable yet when it was written | 28 to 31 |
/// | CRC-32C of the segment's CRC-32C and 0 to 31 | 32 to 35 |
/// | zero | 36 to 39 |
/// | chain: SHA-256 of the chain before, 0 to 31, and the payload | 40 to 71 |
/// | payload, then zeros to a multiple of 8 | from 72 |
///
/// | Slot of the head, at 0 and 512 of `head.pj` | bytes |
/// | --- | --- |
/// | `PLMHEAD1` | 0 to 7 |
/// | count of writes, which tells the newer slot | 8 to 15 |
/// | last sequence that is durable | 16 to 23 |
/// | chain there | 24 to 55 |
/// | CRC-32C of 0 to 55 | 56 to 59 |
/// | zero | 60 to 511 |
///
/// | Snapshot, `snapshot-<sequence>.pj` | bytes |
/// | --- | --- |
/// | `PLMSNAP1` | 0 to 7 |
/// | sequence | 8 to 15 |
/// | chain there | 16 to 47 |
/// | time, nanoseconds UTC | 48 to 55 |
/// | length of the payload | 56 to 63 |
/// | SHA-256 of 0 to 63 and the payload | 64 to 95 |
/// | payload | from 96 |
///
/// `spare.pj` is the next segment, as far as it is filled; `snapshot.tmp` is a snapshot that is being written.
enum Layout {
    static let segmentMagic = Array("PLMSEGM1".utf8)
    static let segmentHeader = 64
    static let recordMagic = Array("PLMR".utf8)
    static let recordHeader = 72
    static let headMagic = Array("PLMHEAD1".utf8)
    static let headSlot = 512
    static let snapshotMagic = Array("PLMSNAP1".utf8)
    static let snapshotHeader = 96

    static let head = "head.pj"
    static let spare = "spare.pj"
    static let unfinishedSnapshot = "snapshot.tmp"

    static func padded(_ length: Int) -> Int { (length + 7) & ~7 }

    /// A file that is named by the number of an event.
    enum Numbered: String {
        case segment = "journal-"
        case snapshot = "snapshot-"

        private static let digits = 20
        private static let end = ".pj"

        /// The name of the file of a number.
        func name(_ sequence: UInt64) -> String {
            let text = String(sequence)
            let zeros = String(repeating: "0", count: Self.digits - text.utf8.count)
            return rawValue + zeros + text + Self.end
        }

        /// The number of a file; `nil` for any other name.
        func number(in name: String) -> UInt64? {
            guard name.hasPrefix(rawValue), name.hasSuffix(Self.end) else { return nil }
            let text = name.dropFirst(rawValue.utf8.count).dropLast(Self.end.utf8.count)
            guard let number = UInt64(text), number > 0, self.name(number) == name else {
                return nil
            }
            return number
        }

        /// The numbers of all such files among some names, in order.
        func numbers(in names: [String]) -> [UInt64] { names.compactMap(number).sorted() }
    }
}
