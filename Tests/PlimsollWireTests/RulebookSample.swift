import PlimsollWire

/// Texts of rulebooks with one thing wrong, and what a reading says about them.
enum RulebookSample {
    static let head = """
        format: plimsoll-rulebook-1
        id: x
        version: 2026-11-22
        title: X
        currency: USD
        source: s
        quotes: [USDT]
        sources: {s: {what: A page, url: "https://x", read: 2026-11-22}}

        """

    static let first = "{floor: 0, maxLeverage: 100, maintenanceRate: 0.005, maintenanceAmount: 0}"

    /// A linear instrument with these brackets, behind the head and `before`.
    static func brackets(_ brackets: String, before: String = "") -> String {
        head + before
            + "instruments:\n  BTCUSDT:\n    payoff: linear\n    source: s\n    brackets:\n"
            + brackets.split(separator: "\n").map { "      - \($0)\n" }.joined()
    }

    static func instrument(_ fields: String) -> String {
        head + "instruments:\n  BTCUSDT: {payoff: linear, source: s, \(fields)}\n"
    }

    static func faults(of text: String, _ strictness: RulebookStrictness = .check) -> String {
        let catalog = RulebookCatalog(
            directories: ["r"],
            texts: [
                "r/base.yaml": head, "r/loop.yaml": "extends: pool", "r/pool.yaml": "extends: loop",
            ]
        )
        do {
            let loaded = try catalog.load(Array(text.utf8), file: "x.yaml", strictness: strictness)
            return loaded.warnings.isEmpty
                ? "none" : "warned: " + loaded.warnings.map(\.description).joined(separator: "\n")
        } catch {
            return error.description
        }
    }
}
