/// What a key is for.
package enum Role: String, Hashable, Sendable, CaseIterable {
    /// Reads.
    case read
    /// Reads, and sends events.
    case feed
    /// Reads, sends nothing, and may ask for verification and change alerts.
    case risk
    /// Everything, actions of an operator included.
    case operate = "operator"

    /// Whether a key of this role may do something.
    package func allows(_ permission: Permission) -> Bool {
        switch permission {
        case .readAccount, .readBook, .ask: true
        case .sendEvents: self == .feed || self == .operate
        case .manage: self == .risk || self == .operate
        case .operate: self == .operate
        }
    }
}

/// What a request needs.
package enum Permission: Hashable, Sendable, CaseIterable {
    /// Figures of one account.
    case readAccount
    /// Figures of the whole book.
    case readBook
    /// Checks and experiments that change nothing.
    case ask
    /// Events, but no actions of an operator.
    case sendEvents
    /// Verification and alerts.
    case manage
    /// Actions of an operator.
    case operate
}

/// Who asks: a key that was checked.
package struct Principal: Hashable, Sendable {
    /// The key's id, which may be logged.
    package var id: String
    /// What the key is for.
    package var role: Role
    /// The only account that it sees; `nil`: all.
    package var account: String?

    /// Somebody with a key.
    package init(id: String, role: Role, account: String? = nil) {
        self.id = id
        self.role = role
        self.account = account
    }

    /// Whether it may do something; a key of one account does nothing about the book.
    package func allows(_ permission: Permission) -> Bool {
        guard role.allows(permission) else { return false }
        return account == nil || permission == .readAccount || permission == .ask
    }
}
