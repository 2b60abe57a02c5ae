package enum Permission: Sendable {
    case readAccounts, readBook, submitFacts, submitCommands, operate, verify, manageAlerts
}
package struct Principal: Sendable { package var id = "k"; package var account: String? }
extension Principal { func allows(_ p: Permission) -> Bool { true } }
