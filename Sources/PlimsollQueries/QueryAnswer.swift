package import Plimsoll
import PlimsollReports
package import PlimsollUnits
package import PlimsollWire

/// An answer of the HTTP API, as `docs/formats/api.md` says.
///
/// An answer about one account may share the engine's names until it goes: an `accountOpened` before then
/// copies their list. A `BookSample` shares nothing and may be kept.
package protocol QueryAnswer: Sendable {
    /// Writes the answer as one JSON value.
    func write(to json: inout JSONWriter)
}

extension QueryAnswer {
    /// The answer as JSON text in UTF-8.
    package var json: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }
}

/// When an answer was computed, and by which rules.
package struct AnswerStamp: Hashable, Sendable {
    /// Which rulebook it was.
    package struct Rules: Hashable, Sendable {
        package var id: String
        package var version: String
        package var hash: String
    }

    /// The engine's clock.
    package var asOf: Timestamp
    /// How many events the engine has seen.
    package var sequence: UInt64
    /// `nil` before one is adopted.
    package var rulebook: Rules?
    /// Symbols and assets whose prices are too old.
    package var stale: [String]

    /// The stamp of an answer about a venue; `stale` is what the answer rests on.
    package init(_ engine: Engine, _ venue: VenueID, stale: [String]) {
        asOf = engine.clock
        sequence = engine.sequence
        rulebook = engine.rulebook(of: venue).map {
            Rules(id: $0.id, version: $0.version, hash: $0.fingerprint.hex)
        }
        self.stale = stale
    }

    /// The stamp of an answer about a whole venue.
    package init(_ engine: Engine, _ venue: VenueID) {
        self.init(engine, venue, stale: engine.stalePrices(of: venue))
    }
}

extension Engine {
    /// Symbols and assets of a venue whose prices are older than its rulebook allows.
    package func stalePrices(of venue: VenueID) -> [String] {
        let marks = instruments(of: venue).filter { market(of: $0).isStale }
        let indexes = assets(of: venue).filter { isStale($0) }
        let directory = directory
        return marks.map { directory.name($0) } + indexes.map { directory.name($0) }
    }

    /// The instruments of a venue that are listed, in the order of their definition.
    package func instruments(of venue: VenueID) -> [InstrumentID] {
        (0..<Int32(directory.instruments.count)).map(InstrumentID.init).filter {
            self.venue(of: $0) == venue && market(of: $0).isListed
        }
    }

    /// The assets of a venue, in the order of their definition.
    package func assets(of venue: VenueID) -> [AssetID] {
        (0..<Int32(directory.assets.count)).map(AssetID.init).filter {
            self.venue(of: $0) == venue
        }
    }
}

extension Timestamp {
    /// Milliseconds since 1970-01-01 UTC, as JSON has them.
    package var milliseconds: Int64 { nanoseconds / 1_000_000 }
}

extension JSONWriter {
    /// Writes the fields of a stamp.
    mutating func stamp(_ stamp: AnswerStamp) {
        field("asOf", number: stamp.asOf.milliseconds)
        field("seq", number: stamp.sequence)
        key("rulebook")
        rules(stamp.rulebook)
        field("stale", texts: stamp.stale)
    }

    /// Writes which rules were used, or `null`.
    mutating func rules(_ rules: AnswerStamp.Rules?) {
        guard let rules else { return null() }
        object { object in
            object.field("id", rules.id)
            object.field("version", rules.version)
            object.field("hash", rules.hash)
        }
    }

    /// Writes a whole number, or `null`.
    mutating func field(_ key: String, optional value: (some BinaryInteger)?) {
        self.key(key)
        if let value { number(value) } else { null() }
    }
}
