import Foundation

/// Which seeds a property runs with: a few, or many with `PLIMSOLL_SOAK=1`; `PLIMSOLL_SEED` moves
/// the first one.
package enum Seeds {
    /// Many rather than a few.
    package static let isSoak = ProcessInfo.processInfo.environment["PLIMSOLL_SOAK"] == "1"
    /// The first one.
    package static let base =
        ProcessInfo.processInfo.environment["PLIMSOLL_SEED"].flatMap(UInt64.init) ?? 1

    /// So many of them, twenty times as many in a soak.
    package static func of(_ count: UInt64) -> [UInt64] {
        (0..<(isSoak ? count * 20 : count)).map { base &+ $0 }
    }
}
