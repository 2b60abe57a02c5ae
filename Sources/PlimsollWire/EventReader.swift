public import Plimsoll
public import PlimsollUnits

/// Turns the lines of an event file (`docs/formats/events.md`) into events.
///
/// The form is checked here: fields, types, names, and the limits of the units. The meaning, such
/// as an amount that must be above zero or a clock that must not go back, is checked by the engine,
/// so that a refused event can be written to a file and read again.
public struct EventReader: Sendable {
    /// Finds the rulebook that a `rulebookAdopted` event names: its id, its path or its mapping.
    ///
    /// The second argument is the event file, to which a path is relative.
    public typealias RulebookLoader = @Sendable (Node, String) throws(InputFault) -> Rulebook

    /// The event file that errors name.
    public let file: String
    private let loadRulebook: RulebookLoader

    /// A reader of the events of `file`.
    public init(file: String, rulebooks: @escaping RulebookLoader) {
        self.file = file
        loadRulebook = rulebooks
    }

    /// The event on a line, or `nil` if the line is blank or a comment.
    ///
    /// - Parameters:
    ///   - line: the bytes of the line, without its end.
    ///   - number: the number of the line in the file.
    ///   - directory: the names that are defined before this event.
    ///   - clock: the engine's clock, for events that do not say when they were accepted.
    /// - Returns: the event, or `nil` for a line without one.
    /// - Throws: what is wrong first, with its line and column.
    public func event(
        _ line: [UInt8],
        number: Int,
        directory: Directory,
        clock: Timestamp
    ) throws(InputFault) -> Event? {
        guard let first = line.first(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") })
        else { return nil }
        guard first != UInt8(ascii: "#") else { return nil }
        let node = try JSONText.parse(line, file: file, firstLine: number)
        return try event(node, directory: directory, clock: clock)
    }

    /// The event that is given as a mapping.
    public func event(
        _ node: Node,
        directory: Directory,
        clock: Timestamp
    ) throws(InputFault) -> Event {
        let fields = try NodeReader(mapping: node, file: file)
        let type = try fields.required("type")
        let name = try type.scalar()
        guard let form = EventForm.byName[name] else {
            throw type.fault(
                "there is no event \(Excerpt.quoted(name)).",
                remedy: Spelling.remedy(
                    for: name,
                    among: EventKind.allCases.map(\.rawValue),
                    otherwise: "Use one of"
                )
            )
        }
        try fields.allow(form.fields)
        let time = try fields.required("time").moment()
        let at = try fields.optional("at")?.moment() ?? max(time, clock)
        let identity = try identity(fields)
        let body = EventBodyReader(
            fields: fields,
            names: NameLookup(fields: fields, directory: directory),
            loadRulebook: loadRulebook
        )
        return Event(time: time, at: at, identity: identity, body: try body.body(of: form.kind))
    }

    private func identity(_ fields: NodeReader) throws(InputFault) -> Event.Identity? {
        let source = try fields.optional("source")?.name()
        let sequence = try fields.optional("sequence")?.sequenceNumber()
        let id = fields.optional("id")
        switch (id, source, sequence) {
        case (let id?, _, nil): return .command(id: try id.name())
        case (let id?, _, _?):
            throw id.fault(
                "the event has both an 'id' and a 'sequence'.",
                remedy: "Give 'id' for a command, or 'source' and 'sequence' for a feed."
            )
        case (nil, let source?, let sequence?): return .feed(source: source, sequence: sequence)
        case (nil, nil, nil): return nil
        case (nil, _?, nil): throw try half(fields, "source", without: "sequence")
        case (nil, nil, _?): throw try half(fields, "sequence", without: "source")
        }
    }

    private func half(
        _ fields: NodeReader,
        _ key: String,
        without other: String
    ) throws(InputFault) -> InputFault {
        try fields.required(key).fault(
            "the event has a '\(key)' but no '\(other)'.",
            remedy: "Give both, or neither."
        )
    }
}

/// A kind of event with the fields that it may have.
private struct EventForm {
    let kind: EventKind
    let fields: [String]

    static let byName: [String: EventForm] = {
        let common = ["type", "time", "at", "id", "source", "sequence", "venue"]
        var forms: [String: EventForm] = [:]
        for kind in EventKind.allCases {
            forms[kind.rawValue] = EventForm(kind: kind, fields: common + kind.fields)
        }
        return forms
    }()
}

/// The names of the kinds of events, as files write them.
package enum EventKind: String, CaseIterable, Sendable {
    case venueDefined, assetDefined, rulebookAdopted, instrumentDefined
    case accountOpened, accountConfigured
    case deposited, withdrawalRequested, withdrawalSettled, withdrawalReversed
    case transferred, isolatedMarginMoved, feeCharged, interestAccrued
    case insuranceFunded, collateralConverted, reconciled
    case orderPlaced, orderReduced, orderCancelled, filled
    case marked, indexed, openInterestReported, fundingRateAnnounced, fundingSettled
    case sessionSettled, instrumentExpired, depthObserved
    case liquidationFilled, liquidationOrderEnded
    case operatorActed, ticked

    /// The fields that only some events have.
    package var fields: [String] {
        switch self {
        case .venueDefined: ["name", "mode"]
        case .assetDefined: ["asset"]
        case .rulebookAdopted: ["rulebook"]
        case .instrumentDefined: ["symbol"]
        case .accountOpened: ["account", "mode", "positionMode"]
        case .accountConfigured:
            ["account", "mode", "positionMode", "symbol", "marginMode", "leverage"]
        case .deposited, .withdrawalRequested, .withdrawalSettled, .withdrawalReversed,
            .feeCharged, .interestAccrued:
            ["account", "asset", "amount"]
        case .transferred: ["from", "to", "asset", "amount"]
        case .isolatedMarginMoved: ["account", "symbol", "leg", "amount"]
        case .insuranceFunded: ["asset", "amount", "fund"]
        case .collateralConverted: ["account", "from", "sold", "to", "bought"]
        case .reconciled:
            [
                "account", "asset", "walletBalance",
                "symbol", "leg", "quantity", "entryPrice", "isolatedMargin",
            ]
        case .orderPlaced:
            ["account", "order", "symbol", "side", "leg", "quantity", "price", "reduceOnly"]
        case .orderReduced: ["account", "order", "remaining"]
        case .orderCancelled: ["account", "order"]
        case .filled:
            [
                "symbol", "quantity", "price", "buyer", "seller", "buyerFee", "sellerFee",
                "buyerLeg", "sellerLeg", "buyerOrder", "sellerOrder",
            ]
        case .marked: ["symbol", "price"]
        case .indexed: ["asset", "price"]
        case .openInterestReported: ["symbol", "notional"]
        case .fundingRateAnnounced: ["symbol", "rate"]
        case .fundingSettled: ["symbol", "rate", "price"]
        case .sessionSettled, .instrumentExpired: ["symbol", "price"]
        case .depthObserved: ["symbol", "bids", "asks"]
        case .liquidationFilled:
            [
                "order", "quantity", "price",
                "counterparty", "counterpartyFee", "counterpartyLeg", "counterpartyOrder",
            ]
        case .liquidationOrderEnded: ["order", "reason"]
        case .operatorActed: ["action", "account", "who", "why"]
        case .ticked: []
        }
    }
}
