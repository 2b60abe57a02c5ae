import Plimsoll
import PlimsollUnits

/// One line of a scenario.
public struct ScenarioStatement: Sendable {
    /// Its line, from 1.
    public let line: Int
    /// The line as it was written.
    public let text: String
    /// What it says.
    public let action: Action

    /// What a line says.
    public enum Action: Sendable {
        /// Something happens.
        case event(ScenarioEvent)
        /// The last event happens again, with the same identity and times.
        case again
        /// Names are looked up in this venue from now on.
        case venue(String)
        /// Events happen at this time from now on.
        case clock(nanoseconds: Int64, isRelative: Bool)
        /// Figures are as stated.
        case expect(Expectation)
        /// The event before was refused with this code; its message has these words.
        case refused(code: String, words: String?)
        /// The event before had an effect that begins with these words.
        case effect([String])
        /// The event before had so many effects.
        case effectCount(Int)
        /// Exactly these accounts have a pool whose equity is below zero.
        case belowZero([String])
    }
}

/// An event before its names are looked up.
public struct ScenarioEvent: Sendable {
    /// The event's content, with the names of an engine.
    let body: @Sendable (ScenarioNames) -> Event.Body
    /// What makes it recognisable.
    var identity: Identity?
    /// When its source says it happened; `nil`: at the scenario's clock.
    var dated: Timestamp?
    /// When it was accepted; `nil`: at the scenario's clock.
    var accepted: Timestamp?

    /// The id of a command, or a feed whose next number is taken where none is given.
    enum Identity: Hashable, Sendable {
        case command(String)
        case feed(String, number: UInt64?)
    }

    init(_ body: @escaping @Sendable (ScenarioNames) -> Event.Body) { self.body = body }
}

/// Figures that must have stated values.
public struct Expectation: Sendable {
    /// Where the figures are from.
    enum Scope: Sendable {
        /// The whole account.
        case account(String)
        /// A cross pool, by the asset of its figures.
        case pool(String, asset: String)
        /// The pool of an isolated position.
        case isolated(String, symbol: String, leg: Leg)
        /// A position.
        case position(String, symbol: String, leg: Leg)
        /// One asset of an account.
        case collateral(String, asset: String)
        /// The venue's books in an asset.
        case totals(asset: String)
    }

    /// Where the figures are from.
    let scope: Scope
    /// The figures and their values; empty: there is no such thing.
    let figures: [(name: String, value: Asserted)]

    /// What a value must be.
    enum Asserted: Hashable, Sendable {
        /// Exactly this, in steps of 10⁻¹⁶.
        case exact(Int128)
        /// This when rounded to so many digits behind the point, a half away from zero.
        case rounded(Int128, digits: Int)
        /// This word.
        case word(String)
    }
}

/// Turns the names of a scenario into the ids of an engine.
///
/// `venue:name` is of another venue. A name that is not known gets an id that no engine has, so
/// that the engine itself refuses it.
struct ScenarioNames {
    let directory: Directory
    let venueName: String

    private static let unknown: Int32 = 1_000_000_000

    var venue: VenueID { directory.venue(venueName) ?? VenueID(index: Self.unknown) }

    func account(_ name: String) -> AccountID {
        find(name) { directory.account($0, in: $1) } ?? AccountID(index: Self.unknown)
    }

    func asset(_ name: String) -> AssetID {
        find(name) { directory.asset($0, in: $1) } ?? AssetID(index: Self.unknown)
    }

    func instrument(_ name: String) -> InstrumentID {
        find(name) { directory.instrument($0, in: $1) } ?? InstrumentID(index: Self.unknown)
    }

    private func find<ID>(_ name: String, _ look: (String, VenueID) -> ID?) -> ID? {
        if let colon = name.firstIndex(of: ":"),
            let other = directory.venue(String(name[..<colon]))
        {
            return look(String(name[name.index(after: colon)...]), other)
        }
        return look(name, venue)
    }
}
