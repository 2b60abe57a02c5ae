/// A venue, as a dense index in order of definition.
public struct VenueID: BitwiseCopyable, Hashable, Comparable, Sendable {
    /// The index.
    public let index: Int32
    /// The venue that was defined as number `index`.
    public init(index: Int32) { self.index = index }
    /// In ascending order.
    public static func < (lhs: VenueID, rhs: VenueID) -> Bool { lhs.index < rhs.index }
}

/// An asset of a venue, as a dense index in order of definition.
public struct AssetID: BitwiseCopyable, Hashable, Comparable, Sendable {
    /// The index.
    public let index: Int32
    /// The asset that was defined as number `index`.
    public init(index: Int32) { self.index = index }
    /// In ascending order.
    public static func < (lhs: AssetID, rhs: AssetID) -> Bool { lhs.index < rhs.index }
}

/// An instrument of a venue, as a dense index in order of definition.
public struct InstrumentID: BitwiseCopyable, Hashable, Comparable, Sendable {
    /// The index.
    public let index: Int32
    /// The instrument that was defined as number `index`.
    public init(index: Int32) { self.index = index }
    /// In ascending order.
    public static func < (lhs: InstrumentID, rhs: InstrumentID) -> Bool { lhs.index < rhs.index }
}

/// An account of a venue, as a dense index in order of opening.
public struct AccountID: BitwiseCopyable, Hashable, Comparable, Sendable {
    /// The index.
    public let index: Int32
    /// The account that was opened as number `index`.
    public init(index: Int32) { self.index = index }
    /// In ascending order.
    public static func < (lhs: AccountID, rhs: AccountID) -> Bool { lhs.index < rhs.index }
}

/// A margin pool of an account, as a dense index in order of creation.
public struct PoolID: BitwiseCopyable, Hashable, Comparable, Sendable {
    /// The index.
    public let index: Int32
    /// The pool that was created as number `index`.
    public init(index: Int32) { self.index = index }
    /// In ascending order.
    public static func < (lhs: PoolID, rhs: PoolID) -> Bool { lhs.index < rhs.index }
}
