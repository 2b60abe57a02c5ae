/// Every limit of a number that may enter the engine, in one place.
///
/// They are chosen so that no sum or product of legal values overflows 128 bits: a requirement is
/// summed at 10⁻²⁴, where `Int128` ends at 1.7 × 10¹⁴, so a pool is limited to 10¹³ in total.
/// A value outside is refused on entry, before anything is journalled.
public enum Limits {
    /// Largest price, in steps of 10⁻⁸: 9 × 10¹⁰.
    public static let price: Int64 = 9_000_000_000_000_000_000
    /// Largest magnitude of a quantity, in steps of 10⁻⁸: 9 × 10¹⁰.
    public static let quantity: Int64 = 9_000_000_000_000_000_000
    /// Largest notional (price × quantity) of one position, order or fill, in steps of 10⁻¹⁶: 10¹².
    public static let notional: Int128 = 10_000_000_000_000_000_000_000_000_000
    /// Largest magnitude of a pool's wallet, cost or any single amount, in steps of 10⁻¹⁶: 10¹³.
    public static let money: Int128 = 100_000_000_000_000_000_000_000_000_000
    /// Largest magnitude of a rate, in steps of 10⁻⁸: 10, which is 1,000 %.
    public static let rate: Int64 = 1_000_000_000
    /// Largest magnitude of a funding rate for one interval, in steps of 10⁻¹⁶: 1, which is 100 %.
    public static let fundingRate: Int64 = 10_000_000_000_000_000
    /// Largest leverage, in hundredths: 1,000×.
    public static let leverage: Int64 = 100_000
    /// Largest number of assets, in all venues of an engine.
    public static let assets = 4_096
    /// Largest number of instruments, in all venues of an engine.
    public static let instruments = 65_535
    /// Largest number of venues in one engine.
    public static let venues = 255
    /// Largest number of accounts, in all venues of an engine.
    public static let accounts = 100_000_000
    /// Largest number of open positions of one account.
    public static let positionsPerAccount = 2_048
    /// Largest number of open orders of one account.
    public static let ordersPerAccount = 10_000
    /// Largest number of sources of marks of one instrument.
    public static let sourcesPerInstrument = 64
    /// Largest number of levels of one side of a book.
    public static let depthLevels = 1_000
    /// Largest number of brackets of one instrument.
    public static let brackets = 64
    /// Longest name of an account, asset, instrument, source or id, in bytes of UTF-8.
    public static let nameLength = 128
    /// How long an event id is remembered, in nanoseconds: 24 hours.
    public static let idAge: Int64 = 86_400_000_000_000
    /// How many event ids are remembered at the most.
    public static let ids = 5_000_000
}
