/// One figure that differs between two rulebooks.
public struct RulebookDifference: Hashable, Sendable {
    /// The path, such as `instruments.BTCUSDT.brackets[300000].maintenanceRate`.
    public var path: String
    /// The old value; `nil`: it was not there.
    public var old: String?
    /// The new value; `nil`: it is gone.
    public var new: String?

    /// A difference.
    public init(path: String, old: String?, new: String?) {
        self.path = path
        self.old = old
        self.new = new
    }
}

/// The differences of two rulebooks.
///
/// The order is that of the old rulebook; what only the new one has follows at the end of the part
/// it belongs to. Brackets and tiers are matched by their floors, other lists by position.
public enum RulebookDiff {
    /// What changed from `old` to `new`; `files` are not compared.
    public static func differences(
        from old: LoadedRulebook,
        to new: LoadedRulebook
    ) -> [RulebookDifference] {
        var differences: [RulebookDifference] = []
        compare(old.contents, new.contents, at: "", into: &differences)
        return differences.filter { !$0.path.hasPrefix("files[") }
    }

    private static func compare(
        _ old: RulebookValue?,
        _ new: RulebookValue?,
        at path: String,
        into differences: inout [RulebookDifference]
    ) {
        if old == new { return }
        let (before, after) = (children(of: old), children(of: new))
        guard before != nil || after != nil else {
            let (old, new) = (text(old), text(new))
            if old != new { differences.append(.init(path: path, old: old, new: new)) }
            return
        }
        let known = Dictionary(
            (after ?? []).map { ($0.step, $0.value) },
            uniquingKeysWith: { first, _ in first }
        )
        let steps = Set((before ?? []).map(\.step))
        for child in before ?? [] {
            compare(
                child.value,
                known[child.step],
                at: joined(path, child.step),
                into: &differences
            )
        }
        for child in after ?? [] where !steps.contains(child.step) {
            compare(nil, child.value, at: joined(path, child.step), into: &differences)
        }
    }

    private static func joined(_ path: String, _ step: String) -> String {
        path.isEmpty ? String(step.dropFirst()) : path + step
    }

    /// What stands below a value, each with its step in the path; `nil` for a single value.
    private static func children(
        of value: RulebookValue?
    ) -> [(step: String, value: RulebookValue)]? {
        switch value {
        case .mapping(let fields): fields.map { (".\($0.key)", $0.value) }
        case .list(let values):
            values.enumerated().map { index, value in
                ("[\(floor(of: value) ?? "\(index)")]", value)
            }
        case .text, .number, .boolean, .null, nil: nil
        }
    }

    private static func floor(of value: RulebookValue) -> String? {
        guard case .mapping(let fields) = value, let first = fields.first, first.key == "floor",
            case .number(let floor) = first.value
        else { return nil }
        return floor
    }

    private static func text(_ value: RulebookValue?) -> String? {
        switch value {
        case .text(let text), .number(let text): text
        case .boolean(let boolean): boolean ? "true" : "false"
        case .null, .list, .mapping, nil: nil
        }
    }
}
