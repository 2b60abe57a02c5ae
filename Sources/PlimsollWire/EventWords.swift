package import Plimsoll

/// A value that files write as one of a few words.
package protocol Worded: Hashable, Sendable {
    /// The words and what they mean.
    static var words: KeyValuePairs<String, Self> { get }
}

extension Worded {
    /// The word for the value.
    package var word: String {
        guard let pair = Self.words.first(where: { $0.value == self }) else {
            preconditionFailure("Invariant: \(self) has a word in \(Self.self).words")
        }
        return pair.key
    }
}

extension VenueMode: Worded {
    package static var words: KeyValuePairs<String, Self> { ["venue": .venue, "mirror": .mirror] }
}

extension CollateralMode: Worded {
    package static var words: KeyValuePairs<String, Self> {
        ["single-asset": .singleAsset, "multi-asset": .multiAsset]
    }
}

extension PositionMode: Worded {
    package static var words: KeyValuePairs<String, Self> { ["one-way": .oneWay, "hedge": .hedge] }
}

extension MarginMode: Worded {
    package static var words: KeyValuePairs<String, Self> {
        ["cross": .cross, "isolated": .isolated]
    }
}

extension Leg: Worded {
    package static var words: KeyValuePairs<String, Self> {
        ["net": .net, "long": .long, "short": .short]
    }
}

extension Side: Worded {
    package static var words: KeyValuePairs<String, Self> { ["buy": .buy, "sell": .sell] }
}

extension OperatorActed.Action: Worded {
    package static var words: KeyValuePairs<String, Self> {
        ["freeze": .freeze, "release": .release]
    }
}

extension LiquidationOrderEnded.Reason: Worded {
    package static var words: KeyValuePairs<String, Self> {
        ["unfilled": .unfilled, "rejected": .rejected, "cancelled": .cancelled]
    }
}

extension LiquidationOrdered.Sizing: Worded {
    package static var words: KeyValuePairs<String, Self> {
        [
            "exit-level": .exitLevel, "bracket-step": .bracketStep, "whole": .whole,
            "depth": .depth, "rate": .rate,
        ]
    }
}

extension LiquidationEnded.Outcome: Worded {
    package static var words: KeyValuePairs<String, Self> {
        ["recovered": .recovered, "closed": .closed, "absorbed": .absorbed]
    }
}

extension InsuranceMoved.Reason: Worded {
    package static var words: KeyValuePairs<String, Self> {
        ["fee": .fee, "takeover": .takeover, "deficit": .deficit]
    }
}

extension Payoff: Worded {
    package static var words: KeyValuePairs<String, Self> { RulebookWords.payoffs }
}

extension DeleveragingRank: Worded {
    package static var words: KeyValuePairs<String, Self> { RulebookWords.ranks }
}
