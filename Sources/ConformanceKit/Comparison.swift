/// A figure as the engine gives it.
package enum Answer: Sendable {
    case number(Exact)
    case none
    case list([Exact])
    case table([(key: String, value: Exact)])
    case rows([[(key: String, value: Exact)]])
    case flag(Bool)

    /// As text, in the form of the file.
    package var text: String {
        switch self {
        case .number(let number): number.description
        case .none: "null"
        case .list(let numbers): "[" + numbers.map(\.description).joined(separator: ", ") + "]"
        case .table(let table):
            "{" + table.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
        case .rows(let rows):
            "[" + rows.map { Answer.table($0).text }.joined(separator: ", ") + "]"
        case .flag(let flag): "\(flag)"
        }
    }
}

extension Expected {
    /// As text, in the form of the file.
    package var text: String {
        switch self {
        case .number(let number): Answer.number(number).text
        case .none: Answer.none.text
        case .list(let numbers): Answer.list(numbers).text
        case .table(let table): Answer.table(table).text
        case .rows(let rows): Answer.rows(rows).text
        case .flag(let flag): Answer.flag(flag).text
        case .other: "(not a figure)"
        }
    }

    /// Whether `answer` is within `tolerance` of this in every number; only the keys that a table
    /// names here are compared.
    package func accepts(_ answer: Answer, _ tolerance: Tolerance?) throws -> Bool {
        switch (self, answer) {
        case (.none, .none): return true
        case (.number(let wanted), .number(let number)):
            return try Self.isNear(number, wanted, tolerance)
        case (.list(let wanted), .list(let numbers)):
            guard wanted.count == numbers.count else { return false }
            return try zip(numbers, wanted).allSatisfy { try Self.isNear($0, $1, tolerance) }
        case (.table(let wanted), .table(let table)):
            return try Self.isNear(table, wanted, tolerance)
        case (.rows(let wanted), .rows(let rows)):
            guard wanted.count == rows.count else { return false }
            return try zip(rows, wanted).allSatisfy { try Self.isNear($0, $1, tolerance) }
        case (.flag(let wanted), .flag(let flag)): return wanted == flag
        default: return false
        }
    }

    private static func isNear(
        _ table: [(key: String, value: Exact)],
        _ wanted: [(key: String, value: Exact)],
        _ tolerance: Tolerance?
    ) throws -> Bool {
        try wanted.allSatisfy { entry in
            guard let number = table.first(where: { $0.key == entry.key })?.value else {
                return false
            }
            return try isNear(number, entry.value, tolerance)
        }
    }

    private static func isNear(
        _ number: Exact,
        _ wanted: Exact,
        _ tolerance: Tolerance?
    ) throws -> Bool {
        let distance = try (number - wanted).magnitude
        if distance.isZero { return true }
        if let absolute = tolerance?.absolute, try distance.isAtMost(absolute) { return true }
        guard let relative = tolerance?.relative else { return false }
        return try distance.isAtMost(wanted.magnitude * relative)
    }
}
