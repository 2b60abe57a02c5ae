import Plimsoll
import PlimsollAudit
import PlimsollUnits

extension Tampering {
    static let all = orders + standings + fills + handOvers + losses + books

    private static let orders = [
        Tampering(
            "an order a step too large",
            .orderNotLeast,
            of: History.ordered,
            Lie.order {
                $0.quantity = quantity("104")
            }
        ),
        Tampering(
            "an order a step too small",
            .orderDoesNotRestore,
            of: History.ordered,
            Lie.order {
                $0.quantity = quantity("102")
            }
        ),
        Tampering(
            "an order beyond its position",
            .orderEnlarges,
            of: History.ordered,
            Lie.order {
                $0.quantity = quantity("501")
            }
        ),
        Tampering(
            "an order on the wrong side",
            .orderEnlarges,
            of: History.ordered,
            Lie.order {
                $0.side = .buy
            }
        ),
        Tampering(
            "an order of half a step",
            .orderStep,
            of: History.ordered,
            Lie.order {
                $0.quantity = quantity("103.5")
            }
        ),
        Tampering(
            "an order that says it is whole",
            .orderNotWhole,
            of: History.ordered,
            Lie.order {
                $0.sizedBy = .whole
            }
        ),
        Tampering(
            "a step beyond the bracket",
            .orderBracket,
            of: History.stepped,
            Lie.order { $0.quantity = quantity("420") }
        ),
        Tampering(
            "a limit that is too low",
            .limitUnsafe,
            of: History.ordered,
            Lie.order {
                $0.limit = price("89.99999999")
            }
        ),
        Tampering(
            "a limit that is too kind",
            .limitTooKind,
            of: History.ordered,
            Lie.order {
                $0.limit = price("90.00000002")
            }
        ),
        Tampering(
            "another position before",
            .orderFigures,
            of: History.ordered,
            Lie.order {
                $0.held = quantity("499")
            }
        ),
        Tampering(
            "another mark",
            .orderFigures,
            of: History.ordered,
            Lie.order {
                $0.mark = price("94.8")
            }
        ),
        Tampering(
            "another equity",
            .orderFigures,
            of: History.ordered,
            Lie.order {
                $0.equity.units += 1
            }
        ),
        Tampering(
            "another maintenance after",
            .orderFigures,
            of: History.ordered,
            Lie.order {
                $0.maintenanceAfter = money("1879.7951")
            }
        ),
        Tampering(
            "another bracket",
            .orderFigures,
            of: History.ordered,
            Lie.order {
                $0.bracket = 1
            }
        ),
        Tampering(
            "an order out of the blue",
            .orderWithoutLiquidation,
            of: History.ordered,
            Lie.silence(\.isStanding)
        ),
        Tampering("two orders under two numbers", .liquidatedTwice, of: History.ordered) {
            effects in
            guard var second = effects.ordered.first else { return }
            second.liquidation = 2
            second.order = 2
            effects.append(.liquidationOrdered(second))
        },
        Tampering("an order while one is out", .orderWhileOthersWork, of: History.waiting) {
            $0.append(.liquidationOrdered(order(2)))
        },
        Tampering("an order after one unfilled", .orderInsteadOfHandOver, of: History.unfilled) {
            $0 = [.liquidationOrdered(order(2))]
        },
        Tampering("an order at a stale mark", .orderAtStaleMark, of: History.stale) {
            $0.append(.liquidationOrdered(order(1)))
        },
        Tampering("an order asked back too early", .end, of: History.waiting) {
            $0.append(.liquidationOrdersToCancel([1]))
        },
        Tampering("an order that is not out asked back", .unknownPlace, of: History.waiting) {
            $0.append(.liquidationOrdersToCancel([7]))
        },
    ]

    /// The order of `History.ordered` under another number.
    private static func order(_ number: UInt64) -> LiquidationOrdered {
        guard var order = History.ordered().effects.ordered.first else {
            preconditionFailure("Invariant: the history has an order")
        }
        order.order = number
        return order
    }

    private static let standings = [
        Tampering(
            "a mode that the figures do not say",
            .standing,
            of: History.ordered,
            Lie.standing {
                $0.mode = .reduceOnly
            }
        ),
        Tampering(
            "a mode that nobody came from",
            .standing,
            of: History.ordered,
            Lie.standing {
                $0.fromMode = .reduceOnly
            }
        ),
        Tampering(
            "an equity that is off",
            .standingFigures,
            of: History.ordered,
            Lie.standing {
                $0.equity.units += 1
            }
        ),
        Tampering("a fall that nobody noticed", .standing, of: History.ordered) { $0.removeAll() },
    ]

    private static let fills = [
        Tampering(
            "a fee above its rate",
            .feeAboveRate,
            of: History.paid,
            Lie.insurance {
                $0.amount = money("189.4000000000000001")
            }
        ),
        Tampering(
            "a fee below its rate",
            .feeBelowRule,
            of: History.paid,
            Lie.insurance {
                $0.amount = money("189.3999999999999999")
            }
        ),
        Tampering(
            "a fee that bankrupts",
            .feeBankrupts,
            of: History.bounded,
            Lie.insurance {
                $0.amount = money("500.0000000000000001")
            }
        ),
    ]

    private static let handOvers = [
        Tampering(
            "a fund that takes too much",
            .takeoverSize,
            of: History.takenOver,
            Lie.insurance {
                $0.quantity = quantity("201")
                $0.amount = money("-402")
            }
        ),
        Tampering(
            "a fund that pays too little",
            .takeoverPrice,
            of: History.takenOver,
            Lie.insurance {
                $0.amount = money("-390")
            }
        ),
        Tampering(
            "a gain of no price",
            .takeoverPrice,
            of: History.takenOver,
            Lie.insurance {
                $0.amount.units += 1
            }
        ),
        Tampering(
            "another fund",
            .takeoverFund,
            of: History.takenOver,
            Lie.insurance {
                $0.fund = AccountID(index: 4)
            }
        ),
        Tampering(
            "winners before the fund",
            .fundTooLate,
            of: History.takenOver,
            Lie.silence(\.isInsurance)
        ),
        Tampering(
            "another price",
            .deleveragedPrice,
            of: History.takenOver,
            Lie.deleveraging {
                $0.price = price("90.5")
            }
        ),
        Tampering(
            "who is no winner",
            .deleveragedWinner,
            of: History.takenOver,
            Lie.deleveraging {
                $0.account = AccountID(index: 4)
            }
        ),
        Tampering(
            "another part",
            .deleveragedSize,
            of: History.takenOver,
            Lie.deleveraging {
                $0.change = quantity("299")
            }
        ),
        Tampering(
            "another score",
            .deleveragedScore,
            of: History.takenOver,
            Lie.deleveraging {
                $0.score = rate("1")
            }
        ),
        Tampering(
            "another place",
            .deleveragedRank,
            of: History.takenOver,
            Lie.deleveraging {
                $0.rank = 2
            }
        ),
        Tampering("the mark before the winners", .takeoverTooEarly, of: History.stranded) {
            effects in
            // All that is left goes to the fund at the mark, where the short was to give it up.
            effects = effects.map { effect in
                guard case .deleveraged(let close) = effect,
                    case .insuranceMoved(var move)? = effects.first(where: \.isInsurance)
                else { return effect }
                move.amount = .zero
                move.quantity = close.change
                return .insuranceMoved(move)
            }
        },
        Tampering("an end that is none", .end, of: History.takenOver, Lie.end(.recovered)),
    ]

    private static let losses = [
        Tampering(
            "a unit too much",
            .lossSum,
            of: History.absorbed,
            Lie.loss {
                $0.amount.units += 1
            }
        ),
        Tampering(
            "another whole",
            .lossSum,
            of: History.absorbed,
            Lie.loss {
                $0.loss.units += 1
            }
        ),
        Tampering(
            "another basis",
            .lossBasis,
            of: History.absorbed,
            Lie.loss {
                $0.basis.units += 1
            }
        ),
        Tampering(
            "a payer without profit",
            .lossPayer,
            of: History.absorbed,
            Lie.loss {
                $0.account = AccountID(index: 4)
            }
        ),
        Tampering(
            "a pool that is left with a debt",
            .belowZero,
            of: History.absorbed,
            Lie.loss {
                $0.amount.units -= 1
            }
        ),
        Tampering(
            "another deficit",
            .deficit,
            of: History.absorbed,
            Lie.bankruptcy {
                $0.deficit.units += 1
            }
        ),
        Tampering("a house that pays for winners", .houseTooEarly, of: History.absorbed) {
            effects in
            effects.removeAll(where: \.isLoss)
            Lie.bankruptcy {
                $0.paidByHouse = $0.socialised
                $0.socialised = .zero
            }(&effects)
        },
        Tampering(
            "a fund below zero",
            .fundBelowZero,
            of: History.absorbed,
            Lie.insurance {
                if $0.reason == .deficit { $0.amount = money("-0.6") }
            }
        ),
        Tampering(
            "others before the fund",
            .fundTooLate,
            of: History.absorbed,
            Lie.silence(\.isInsurance)
        ),
        Tampering("a charge that is not proportional", .lossShare, of: History.charged) { effects in
            // Two units from one to the other: the sum is right.
            var sign: Int128 = 2
            for index in effects.indices {
                guard case .lossSocialised(var share) = effects[index] else { continue }
                share.amount.units += sign
                sign = -sign
                effects[index] = .lossSocialised(share)
            }
        },
    ]

    private static let books = [
        Tampering("a balance that is off", .balance, of: History.takenOver, Lie.balance(1)),
        Tampering("a cost that is off", .position, of: History.takenOver, Lie.position(1)),
        Tampering(
            "a fund's cash that is off",
            .balance,
            of: History.takenOver,
            Lie.insurance {
                $0.balance.units += 1
            }
        ),
    ]
}
