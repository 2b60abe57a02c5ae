package import Plimsoll
package import PlimsollWire

/// How many accounts of a venue are in each band, as the last event left them: for the status.
package struct BandCounts: QueryAnswer, Hashable {
    /// By the number of the band.
    package let counts: [Int]

    /// The counts of a venue: a look at each account, and nothing is computed.
    package init(_ engine: Engine, _ venue: VenueID) {
        var counts = [Int](repeating: 0, count: Band.allCases.count)
        engine.accounts(of: venue) { counts[Int(engine.band(of: $0).rawValue)] += 1 }
        self.counts = counts
    }

    /// How many accounts there are.
    package var accounts: Int { counts.reduce(0, +) }

    package func write(to json: inout JSONWriter) { json.bands(counts) }
}
