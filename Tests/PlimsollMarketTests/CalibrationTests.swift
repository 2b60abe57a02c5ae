import CZlib
import Glibc
import PlimsollMarket
import PlimsollUnits
import Testing

/// The folder with the books that `CalmBooks` was made of, which are not part of the repository.
///
/// `PLIMSOLL_BOOKS` names it, else it is the one beside the repository.
private enum BookFiles {
    static let folder: String = {
        if let named = getenv("PLIMSOLL_BOOKS") { return String(cString: named) }
        return "../shared/data/orderbook"
    }()

    static func path(_ symbol: CalmBooks.Symbol, _ kind: String) -> String {
        "\(folder)/binance_perp_\(symbol.rawValue)_20240718_\(kind).csv.gz"
    }

    static let arePresent = CalmBooks.Symbol.allCases.allSatisfy { symbol in
        ["top100_every2s", "snapshot_rest"].allSatisfy { kind in
            access(path(symbol, kind), R_OK) == 0
        }
    }
}

/// One side's levels of a book, and the other's.
private struct ObservedBook {
    var bids: [(price: Int128, size: Int128)] = []
    var asks: [(price: Int128, size: Int128)] = []

    /// Twice the middle, 10⁻⁸; both sides begin with their best.
    private var twiceMiddle: Int128 { (bids.first?.price ?? 0) + (asks.first?.price ?? 0) }

    private func isWithin(_ price: Int128, _ distance: Int64) -> Bool {
        let away = 2 * price - twiceMiddle
        return Int128(away.magnitude) * 1_000_000 <= Int128(distance) * twiceMiddle
    }

    /// Both sides go on beyond a distance in hundredths of a basis point.
    func reaches(_ distance: Int64) -> Bool {
        bids.contains { !isWithin($0.price, distance) }
            && asks.contains { !isWithin($0.price, distance) }
    }

    /// Notional at the middle within a distance, the mean of both sides, 10⁻¹⁶.
    func depth(within distance: Int64) -> Int128 {
        let size = (bids + asks).filter { isWithin($0.price, distance) }
            .reduce(Int128(0)) { $0 + $1.size }
        return (size * twiceMiddle).divided(by: 4, rounding: .down)
    }

    /// The books of a file of `timestamp_ms,side,level,price,qty`, in order.
    static func read(_ path: String) throws -> [ObservedBook] {
        var books: [ObservedBook] = []
        var last: Substring = ""
        for line in try text(path).split(separator: "\n").dropFirst() {
            let fields = line.split(separator: ",")
            try #require(fields.count == 5)
            if fields[0] != last { books.append(ObservedBook()) }
            last = fields[0]
            let level = try (
                DecimalText.units(fields[3], scale: 8),
                DecimalText.units(fields[4], scale: 8)
            )
            if fields[1] == "bid" {
                books[books.count - 1].bids.append(level)
            } else {
                books[books.count - 1].asks.append(level)
            }
        }
        return books
    }

    private static func text(_ path: String) throws -> String {
        let file = try #require(gzopen(path, "rb"))
        defer { gzclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = gzread(file, &chunk, UInt32(chunk.count))
            try #require(count >= 0)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(contentsOf: chunk[..<Int(count)])
        }
    }
}

/// Computes the depths again from the books, and compares them.
///
/// `PLIMSOLL_BOOKS=<folder> swift test --filter PlimsollMarketTests`; without the books it is
/// skipped.
@Suite struct `The depths of calm books` {
    @Test(
        .enabled(if: BookFiles.arePresent, "the books are not here; PLIMSOLL_BOOKS names them"),
        arguments: CalmBooks.Symbol.allCases
    )
    func `are what the books say`(symbol: CalmBooks.Symbol) throws {
        let near = try ObservedBook.read(BookFiles.path(symbol, "top100_every2s"))
        let full = try #require(
            ObservedBook.read(BookFiles.path(symbol, "snapshot_rest")).first
        )
        try #require(near.count == 89)
        var depths: [Int128] = []
        var beyond: Int128 = 0
        for distance in CalmBooks.distances where full.reaches(distance) {
            if near.allSatisfy({ $0.reaches(distance) }) {
                let sorted = near.map { $0.depth(within: distance) }.sorted()
                depths.append(sorted[sorted.count / 2])
                beyond = sorted[sorted.count / 2] - full.depth(within: distance)
            } else {
                depths.append(beyond + full.depth(within: distance))
            }
        }
        let whole = depths.map { Int64($0.divided(by: PowerOfTen.sixteen, rounding: .down)) }
        #expect(whole == symbol.depths)
    }

    @Test func `a symbol without a book borrows ether's and says so`() {
        #expect(CalmBooks.shape(of: "BTCUSDT").borrowedFrom == nil)
        #expect(CalmBooks.shape(of: "SOLUSDT").borrowedFrom == .ether)
        #expect(CalmBooks.shape(of: "SOLUSDT").shape == CalmBooks.Symbol.ether.shape)
        #expect(CalmBooks.Symbol.bitcoin.shape.observed.units == 20_000_000_000_000)
    }
}
