internal import ArgumentParser
import PlimsollAccess
import PlimsollNode
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// `plimsoll keys`.
struct KeysCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Keys of a node's API: make, list, revoke.",
        subcommands: [KeysCreateCommand.self, KeysListCommand.self, KeysRevokeCommand.self]
    )

    static let examples = [
        "plimsoll keys create --data /tmp/plimsoll --role feed",
        "plimsoll keys list --data /tmp/plimsoll",
    ]
}

/// `plimsoll keys create`.
struct KeysCreateCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a key and show it, once.",
        discussion: """
            Roles: read (reads), feed (and sends events), risk (reads, verification, alerts), operator \
            (everything). The server need not be restarted. Send the key as 'Authorization: Bearer KEY'.
            """
    )

    static let examples = [
        "plimsoll keys create --data /tmp/plimsoll --role feed",
        "plimsoll keys create --data /tmp/plimsoll --role read --account alice --json",
    ]

    @OptionGroup var options: GlobalOptions

    @Option(name: .long, help: "The node's folder.")
    var data: String

    @Option(name: .long, help: "read, feed, risk or operator.")
    var role: String

    @Option(name: .long, help: "The only account that the key sees.")
    var account: String?

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        guard let known = Role(rawValue: role) else {
            let words = Role.allCases.map(\.rawValue)
            throw .usage(
                problem: "\(Excerpt.quoted(role)) is not a role.",
                remedy: Spelling.nearest(to: role, among: words).map { "Did you mean '\($0)'?" }
                    ?? "Write --role \(words.joined(separator: ", "))."
            )
        }
        if account != nil, known != .read {
            throw .usage(
                problem: "a key of one account only reads.",
                remedy: "Write --role read, or leave --account out."
            )
        }
        let made: (key: Key, text: String)
        do throws(KeyFault) {
            made = try KeyStore(folder: data).create(
                known,
                account: account,
                at: MarginNode.wallClock / 1_000_000
            )
        } catch {
            throw .output("\(error)")
        }
        if options.json {
            var writer = JSONWriter(pretty: true)
            writer.object { object in
                object.field("key", made.text)
                object.field("id", made.key.id)
                object.field("role", known.rawValue)
                object.field("account", ifPresent: account)
            }
            console.print(writer.bytes)
        } else {
            console.print(made.text)
            console.note("This is the only time that it is shown. Its id is \(made.key.id).")
        }
        return .success
    }
}

/// `plimsoll keys list`.
struct KeysListCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "All keys, without their secrets."
    )

    static let examples = [
        "plimsoll keys list --data /tmp/plimsoll", "plimsoll keys list --data /tmp/plimsoll --json",
    ]

    @OptionGroup var options: GlobalOptions

    @Option(name: .long, help: "The node's folder.")
    var data: String

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        let keys: [Key]
        do throws(KeyFault) {
            keys = try KeyStore(folder: data).list()
        } catch {
            throw .output("\(error)")
        }
        guard !options.json else {
            var writer = JSONWriter(pretty: true)
            writer.object { object in
                object.key("keys")
                object.array { array in
                    for key in keys {
                        array.object { entry in
                            entry.field("id", key.id)
                            entry.field("role", key.role.rawValue)
                            entry.field("account", ifPresent: key.account)
                            entry.field("createdAt", number: key.createdAt)
                            if let revokedAt = key.revokedAt {
                                entry.field("revokedAt", number: revokedAt)
                            }
                        }
                    }
                }
            }
            console.print(writer.bytes)
            return .success
        }
        for key in keys {
            let made = Moment.text(Timestamp(nanoseconds: key.createdAt * 1_000_000))
            let scope = key.account.map { " of \($0)" } ?? ""
            let end = key.revokedAt == nil ? "" : ", revoked"
            console.print("\(key.id)  \(key.role.rawValue)\(scope), made \(made)\(end)")
        }
        return .success
    }
}

/// `plimsoll keys revoke`.
struct KeysRevokeCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "End a key; a running server knows it within a second."
    )

    static let examples = [
        "plimsoll keys revoke --data /tmp/plimsoll 0123456789abcdef",
        "plimsoll keys revoke --data /tmp/plimsoll 0123456789abcdef --quiet",
    ]

    @OptionGroup var options: GlobalOptions

    @Option(name: .long, help: "The node's folder.")
    var data: String

    @Argument(help: "The id of the key, as `keys list` shows it.")
    var id: String

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        let revoked: Key?
        do throws(KeyFault) {
            let now = MarginNode.wallClock / 1_000_000
            revoked = try KeyStore(folder: data).revoke(id, at: now)
        } catch {
            throw .output("\(error)")
        }
        guard revoked != nil else {
            throw .notFound(
                problem: "there is no key \(Excerpt.quoted(id)).",
                remedy: "'plimsoll keys list' shows all."
            )
        }
        console.note("\(id) is revoked.")
        return .success
    }
}
