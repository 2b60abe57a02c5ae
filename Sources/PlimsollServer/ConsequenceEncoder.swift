import Plimsoll
import PlimsollNode
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// Turns consequences into messages of the stream.
final class ConsequenceEncoder {
    private var effectWriter = EffectWriter()

    /// Adds what a consequence means for the topics that somebody wants.
    func encode(
        _ consequence: Consequence,
        of names: some EffectNaming,
        _ wanted: Set<StreamTopic>,
        into chunks: inout [StreamTopic: StreamChunk]
    ) {
        if wanted.contains(.effects) {
            let data = document(consequence, consequence.effects, of: names)
            chunks[.effects, default: StreamChunk()].add(
                "effects",
                data,
                sequence: consequence.sequence
            )
        }
        if wanted.contains(.liquidations) {
            let own = consequence.effects.filter(\.isOfEnforcement)
            if !own.isEmpty {
                let data = document(consequence, own, of: names)
                chunks[.liquidations, default: StreamChunk()].add(
                    "liquidation",
                    data,
                    sequence: consequence.sequence
                )
            }
        }
        for account in Set(consequence.effects.compactMap(\.account)) {
            let topic = StreamTopic.account(names.directory.name(account))
            guard wanted.contains(topic) else { continue }
            let own = consequence.effects.filter { $0.account == account }
            chunks[topic, default: StreamChunk()].add(
                "effects",
                document(consequence, own, of: names),
                sequence: consequence.sequence
            )
        }
    }

    private func document(
        _ consequence: Consequence,
        _ effects: some Sequence<Effect>,
        of names: some EffectNaming
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.field("seq", number: consequence.sequence)
            object.field("time", number: consequence.at.nanoseconds / 1_000_000)
            object.key("effects")
            object.array { array in
                for effect in effects {
                    array.object { effectWriter.write(effect, of: names, to: &$0) }
                }
            }
        }
        return writer.bytes
    }
}

extension Effect {
    /// The account whose it is; `nil`: nobody's alone.
    var account: AccountID? {
        switch self {
        case .balanceChanged(let effect): effect.account
        case .positionChanged(let effect): effect.account
        case .marginStateChanged(let effect): effect.account
        case .ordersToCancel(let account, _): account
        case .liquidationOrdered(let effect): effect.account
        case .liquidationEnded(let effect): effect.account
        case .deleveraged(let effect): effect.account
        case .lossSocialised(let effect): effect.account
        case .bankruptcyDeclared(let effect): effect.account
        case .liquidationOrdersToCancel, .insuranceMoved, .priceRefused, .repeated, .refused: nil
        }
    }

    /// It is about a pool at or below its line, or what is done about it.
    var isOfEnforcement: Bool {
        switch self {
        case .marginStateChanged(let change):
            change.mode == .liquidating || change.fromMode == .liquidating
                || change.band >= .call
        case .liquidationOrdered, .liquidationOrdersToCancel, .liquidationEnded, .insuranceMoved,
            .deleveraged, .lossSocialised, .bankruptcyDeclared, .ordersToCancel:
            true
        case .balanceChanged, .positionChanged, .priceRefused, .repeated, .refused: false
        }
    }
}
