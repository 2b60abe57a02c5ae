/// The names of an engine: what the edge needs to turn text into dense ids and back.
///
/// Names are unique in their venue. Lookups only; nothing ever iterates over the dictionaries.
public struct Directory: Sendable {
    /// Names of the venues, by index.
    public internal(set) var venues: [String] = []
    /// Names of the assets, by index.
    public internal(set) var assets: [String] = []
    /// Symbols of the instruments, by index.
    public internal(set) var instruments: [String] = []
    /// Names of the accounts, by index.
    public internal(set) var accounts: [String] = []

    private var venueIDs: [String: VenueID] = [:]
    private var assetIDs: [Key: AssetID] = [:]
    private var instrumentIDs: [Key: InstrumentID] = [:]
    private var accountIDs: [Key: AccountID] = [:]

    private struct Key: Hashable, Sendable {
        var venue: VenueID
        var name: String
    }

    /// No names.
    public init() {}

    /// The venue of this name.
    public func venue(_ name: String) -> VenueID? { venueIDs[name] }

    /// The asset of this name in `venue`.
    public func asset(_ name: String, in venue: VenueID) -> AssetID? {
        assetIDs[Key(venue: venue, name: name)]
    }

    /// The instrument of this symbol in `venue`.
    public func instrument(_ name: String, in venue: VenueID) -> InstrumentID? {
        instrumentIDs[Key(venue: venue, name: name)]
    }

    /// The account of this name in `venue`.
    public func account(_ name: String, in venue: VenueID) -> AccountID? {
        accountIDs[Key(venue: venue, name: name)]
    }

    /// The name of a venue.
    public func name(_ id: VenueID) -> String { venues[Int(id.index)] }
    /// The name of an asset.
    public func name(_ id: AssetID) -> String { assets[Int(id.index)] }
    /// The symbol of an instrument.
    public func name(_ id: InstrumentID) -> String { instruments[Int(id.index)] }
    /// The name of an account.
    public func name(_ id: AccountID) -> String { accounts[Int(id.index)] }

    /// The names of venues, assets and instruments alone.
    var withoutAccounts: Directory {
        var directory = self
        directory.accounts = []
        directory.accountIDs = [:]
        return directory
    }

    mutating func add(venue name: String) -> VenueID {
        let id = VenueID(index: Int32(venues.count))
        venues.append(name)
        venueIDs[name] = id
        return id
    }

    mutating func add(asset name: String, in venue: VenueID) -> AssetID {
        let id = AssetID(index: Int32(assets.count))
        assets.append(name)
        assetIDs[Key(venue: venue, name: name)] = id
        return id
    }

    mutating func add(instrument name: String, in venue: VenueID) -> InstrumentID {
        let id = InstrumentID(index: Int32(instruments.count))
        instruments.append(name)
        instrumentIDs[Key(venue: venue, name: name)] = id
        return id
    }

    mutating func add(account name: String, in venue: VenueID) -> AccountID {
        let id = AccountID(index: Int32(accounts.count))
        accounts.append(name)
        accountIDs[Key(venue: venue, name: name)] = id
        return id
    }
}
