import Crypto
import Synchronization

/// The keys of a data folder: made and revoked by a command, and looked up by the server while it runs.
package final class KeyStore: Sendable {
    private let file: KeyFile
    private let state: Mutex<State>

    private struct State {
        var keys: [String: Key] = [:]
        var stamp: KeyFile.Stamp?
        var lookedAt: Int64 = .min
        var fault: KeyFault?
        var master: SymmetricKey?
    }

    /// How often the file is looked at, in nanoseconds.
    private static let interval: Int64 = 100_000_000

    /// The keys of a folder, which need not have any.
    package init(folder: String) {
        file = KeyFile(folder: folder)
        state = Mutex(State())
    }

    // MARK: What a command does

    /// Makes a key; the answer has the text that a client sends, which is never shown again.
    package func create(
        _ role: Role,
        account: String?,
        at milliseconds: Int64
    ) throws(KeyFault) -> (key: Key, text: String) {
        let file = file
        return try file.change { keys throws(KeyFault) in
            let master = try file.master()
            var key = Key(
                id: Hex.text([UInt8].random(8)),
                hash: [],
                salt: [UInt8].random(16),
                role: role,
                account: account,
                createdAt: milliseconds,
                revokedAt: nil
            )
            key.hash = Key.hash(of: key.secret(master).utf8)
            keys.append(key)
            return (key, key.text(master))
        }
    }

    /// All keys, revoked ones too, the oldest first.
    package func list() throws(KeyFault) -> [Key] { try file.read() }

    /// Revokes a key; `nil`: there is none with this id.
    package func revoke(_ id: String, at milliseconds: Int64) throws(KeyFault) -> Key? {
        try file.change { keys throws(KeyFault) in
            guard let index = keys.firstIndex(where: { $0.id == id }) else { return nil }
            keys[index].revokedAt = keys[index].revokedAt ?? milliseconds
            return keys[index]
        }
    }

    // MARK: What the server asks

    /// Who sends this text; `nil`: nobody.
    ///
    /// The same work is done for an id that does not exist.
    package func principal(bearer text: some StringProtocol, now: Int64) -> Principal? {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        let isForm = parts.count == 3 && parts[0] == "pk"
        let key = isForm ? key(String(parts[1]), now) : nil
        let hash = Key.hash(of: (isForm ? parts[2] : "").utf8)
        let expected = key?.hash ?? [UInt8](repeating: 0, count: 32)
        guard hash.isSame(as: expected), let key else { return nil }
        return key.principal
    }

    /// Who signed a text; `nil`: nobody.
    ///
    /// - Parameters:
    ///   - id: the id of the key.
    ///   - signature: HMAC-SHA256 in lower-case hexadecimal digits.
    ///   - message: what was signed.
    ///   - now: nanoseconds of a clock that only goes forward.
    /// - Returns: the principal, if the key exists and is not revoked.
    package func principal(
        id: String,
        signature: String,
        of message: [UInt8],
        now: Int64
    ) -> Principal? {
        let key = key(id, now)
        let code = Hex.bytes(signature) ?? []
        let unknown = Key(
            id: id,
            hash: [],
            salt: [UInt8](repeating: 0, count: 16),
            role: .read,
            createdAt: 0
        )
        guard let master = master() else { return nil }
        let secret = SymmetricKey(data: Array((key ?? unknown).secret(master).utf8))
        let isValid = HMAC<SHA256>.isValidAuthenticationCode(
            code,
            authenticating: message,
            using: secret
        )
        guard isValid, let key else { return nil }
        return key.principal
    }

    /// What was wrong when the file was read last; the keys of before hold on.
    package var fault: KeyFault? { state.withLock { $0.fault } }

    /// The master secret, which is read once.
    private func master() -> SymmetricKey? {
        state.withLock { state in
            if state.master == nil { state.master = try? file.existingMaster() }
            return state.master
        }
    }

    /// A key that is not revoked.
    private func key(_ id: String, _ now: Int64) -> Key? {
        state.withLock { state in
            if now &- state.lookedAt >= Self.interval || state.lookedAt == .min {
                state.lookedAt = now
                let stamp = file.stamp
                if stamp != state.stamp {
                    do throws(KeyFault) {
                        let keys = try file.read()
                        state.keys = Dictionary(uniqueKeysWithValues: keys.map { ($0.id, $0) })
                        (state.stamp, state.fault) = (stamp, nil)
                    } catch {
                        state.fault = error
                    }
                }
            }
            guard let key = state.keys[id], key.revokedAt == nil else { return nil }
            return key
        }
    }
}
