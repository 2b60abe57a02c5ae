/// A key that belongs to an account.
protocol Owned: Hashable, Sendable {
    /// The account.
    var owner: Int32 { get }
}

/// A dictionary whose keys belong to accounts: those of one account are found without a look at the others.
struct ByAccount<Key: Owned, Value: Sendable>: Sendable {
    private var parts: [Int32: [Key: Value]] = [:]

    /// What belongs to one account.
    func of(_ account: Int32) -> [Key: Value] { parts[account] ?? [:] }

    /// The same with what belongs to one account alone.
    func only(_ account: Int32) -> Self {
        var copy = Self()
        copy.parts[account] = parts[account]
        return copy
    }

    subscript(key: Key) -> Value? {
        get { parts[key.owner]?[key] }
        set {
            if let newValue {
                parts[key.owner, default: [:]][key] = newValue
            } else if parts[key.owner]?.removeValue(forKey: key) != nil,
                parts[key.owner]?.isEmpty == true
            {
                parts[key.owner] = nil
            }
        }
    }

    subscript(key: Key, default value: Value) -> Value {
        get { self[key] ?? value }
        set { self[key] = newValue }
    }
}

extension ByAccount: Sequence {
    /// Every key with its value, in no order.
    func makeIterator() -> some IteratorProtocol<(Key, Value)> {
        parts.values.lazy.flatMap { $0.lazy.map { ($0.key, $0.value) } }.makeIterator()
    }
}

extension Auditor.Slot: Owned {
    var owner: Int32 { account }
}

extension Auditor.Wallet: Owned {
    var owner: Int32 {
        switch self {
        case .cross(let account, _): account
        case .isolated(let slot): slot.account
        }
    }
}

extension Auditor.Pool: Owned {
    var owner: Int32 { account }
}
