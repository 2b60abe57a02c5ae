public import Plimsoll

/// An account as a file describes it, in an engine of its own (`docs/formats/accounts.md`).
///
/// ```swift
/// let loaded = try AccountFile.load("alice.yaml", catalog: .standard())
/// let report = loaded.engine.report(loaded.account)
/// ```
public struct LoadedAccount: Sendable {
    /// The file, `-` for standard input.
    public let file: String
    /// An engine with this one account, in a venue that mirrors another.
    public var engine: Engine
    /// The venue.
    public let venue: VenueID
    /// The account.
    public let account: AccountID
    /// The rulebook that its figures follow, with its sources.
    public let rulebook: LoadedRulebook
    /// The account is in hedge mode: a long and a short leg for each symbol.
    public let isHedge: Bool
    /// What the file left open and what was taken instead, in sentences.
    public let notes: [String]

    /// The instrument of this symbol, if the file names it.
    public func instrument(_ symbol: String) -> InstrumentID? {
        engine.directory.instrument(symbol, in: venue)
    }

    /// Symbols of the instruments that the file names.
    public var symbols: [String] { engine.directory.instruments }
}

/// Reads account files, YAML or JSON; decimals are read digit by digit.
public enum AccountFile {
    /// Largest account file, in bytes.
    public static let sizeLimit = YAMLText.sizeLimit

    /// The account in the file at `path`, or in standard input for `-`.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - catalog: where rulebooks are found.
    ///   - rulebook: a rulebook instead of the one that the file names.
    /// - Returns: the account, valued by its rulebook.
    /// - Throws: everything that is wrong with the file.
    public static func load(
        _ path: String,
        catalog: RulebookCatalog,
        rulebook: String? = nil
    ) throws(InputFaults) -> LoadedAccount {
        let bytes: [UInt8]
        do {
            bytes = try read(path)
        } catch {
            throw InputFaults(error)
        }
        return try load(bytes, file: path, catalog: catalog, rulebook: rulebook)
    }

    /// The account in `bytes`, which came from `file`.
    public static func load(
        _ bytes: [UInt8],
        file: String,
        catalog: RulebookCatalog,
        rulebook: String? = nil
    ) throws(InputFaults) -> LoadedAccount {
        let document: NodeReader
        do {
            document = try NodeReader(
                mapping: try DocumentText.parse(bytes, file: file),
                file: file
            )
        } catch {
            throw InputFaults(error)
        }
        var faults = InputFaults()
        let draft = AccountDraft(document, faults: &faults)
        var loaded: LoadedRulebook?
        do throws(InputFaults) {
            if let rulebook {
                loaded = try catalog.load(rulebook)
            } else if let field = faults.attempt(try document.required("rulebook")) {
                loaded = try catalog.load(field)
            }
        } catch {
            for fault in error.faults { faults.add(fault) }
        }
        if let loaded { draft.check(against: loaded.rulebook, faults: &faults) }
        try faults.throwIfAny()
        guard let loaded else {
            preconditionFailure("Invariant: a rulebook that was not read is a fault")
        }
        do {
            var loader = AccountLoader(draft: draft, rulebook: loaded)
            return try loader.load()
        } catch {
            throw InputFaults(error)
        }
    }

    private static func read(_ path: String) throws(InputFault) -> [UInt8] {
        let input = try FileInput(path: path)
        var bytes: [UInt8] = []
        var chunk: [UInt8] = []
        while bytes.count <= sizeLimit {
            try input.read(into: &chunk)
            if chunk.isEmpty { break }
            bytes += chunk
        }
        guard bytes.contains(where: { $0 > 0x20 }) else {
            throw InputFault(
                file: path,
                mark: Mark(line: 1, column: 1),
                problem: "the file is empty.",
                remedy: "Write an account as in examples/alice.yaml."
            )
        }
        return bytes
    }
}
