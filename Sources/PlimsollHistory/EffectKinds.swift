import Plimsoll

extension Effect {
    /// Whether it is one of the many that are kept while they are new; the others are kept for good.
    var isMovement: Bool {
        switch self {
        case .balanceChanged, .positionChanged, .priceRefused, .refused: true
        case .marginStateChanged, .ordersToCancel, .liquidationOrdered,
            .liquidationOrdersToCancel, .liquidationEnded, .insuranceMoved, .deleveraged,
            .lossSocialised, .bankruptcyDeclared, .repeated:
            false
        }
    }

    /// The word of its kind, as `EffectWriter` writes it.
    var word: String {
        switch self {
        case .balanceChanged: "balanceChanged"
        case .positionChanged: "positionChanged"
        case .marginStateChanged: "marginStateChanged"
        case .ordersToCancel: "ordersToCancel"
        case .liquidationOrdered: "liquidationOrdered"
        case .liquidationOrdersToCancel: "liquidationOrdersToCancel"
        case .liquidationEnded: "liquidationEnded"
        case .insuranceMoved: "insuranceMoved"
        case .deleveraged: "deleveraged"
        case .lossSocialised: "lossSocialised"
        case .bankruptcyDeclared: "bankruptcyDeclared"
        case .priceRefused: "priceRefused"
        case .repeated: "repeated"
        case .refused: "refused"
        }
    }

    /// Its event changed nothing.
    var isRefusal: Bool {
        if case .refused = self { true } else { false }
    }

    /// Its event was known already.
    var isRepetition: Bool {
        if case .repeated = self { true } else { false }
    }

    /// The accounts that it names.
    var accounts: [AccountID] {
        switch self {
        case .balanceChanged(let change): [change.account]
        case .positionChanged(let change): [change.account]
        case .marginStateChanged(let change): [change.account]
        case .ordersToCancel(let account, _): [account]
        case .liquidationOrdered(let order): [order.account]
        case .liquidationEnded(let end): [end.account]
        case .insuranceMoved(let move): [move.fund] + (move.sale.map { [$0.account] } ?? [])
        case .deleveraged(let close): [close.account]
        case .lossSocialised(let share): [share.account]
        case .bankruptcyDeclared(let bankruptcy): [bankruptcy.account]
        case .liquidationOrdersToCancel, .priceRefused, .repeated, .refused: []
        }
    }

    /// The liquidation that it is part of.
    var liquidation: UInt64? {
        switch self {
        case .liquidationOrdered(let order): order.liquidation
        case .liquidationEnded(let end): end.liquidation
        case .insuranceMoved(let move): move.liquidation
        case .deleveraged(let close): close.liquidation
        case .lossSocialised(let share): share.liquidation
        case .bankruptcyDeclared(let bankruptcy): bankruptcy.liquidation
        case .balanceChanged, .positionChanged, .marginStateChanged, .ordersToCancel,
            .liquidationOrdersToCancel, .priceRefused, .repeated, .refused:
            nil
        }
    }

    /// The pool of its liquidation, where it says so.
    var liquidated: (account: AccountID, pool: PoolID)? {
        switch self {
        case .liquidationOrdered(let order): (order.account, order.pool)
        case .liquidationEnded(let end): (end.account, end.pool)
        case .bankruptcyDeclared(let bankruptcy): (bankruptcy.account, bankruptcy.pool)
        case .insuranceMoved, .deleveraged, .lossSocialised, .balanceChanged, .positionChanged,
            .marginStateChanged, .ordersToCancel, .liquidationOrdersToCancel, .priceRefused,
            .repeated, .refused:
            nil
        }
    }
}

extension Event.Body {
    /// Whom a refusal of it concerns.
    var account: AccountID? {
        switch self {
        case .accountConfigured(let body): body.account
        case .deposited(let body): body.account
        case .withdrawalRequested(let body): body.account
        case .withdrawalSettled(let body): body.account
        case .withdrawalReversed(let body): body.account
        case .transferred(let body): body.from
        case .isolatedMarginMoved(let body): body.account
        case .feeCharged(let body): body.account
        case .interestAccrued(let body): body.account
        case .collateralConverted(let body): body.account
        case .reconciled(let body): body.account
        case .orderPlaced(let body): body.account
        case .orderReduced(let body): body.account
        case .orderCancelled(let body): body.account
        case .operatorActed(let body): body.account
        case .venueDefined, .assetDefined, .instrumentDefined, .rulebookAdopted, .accountOpened,
            .insuranceFunded, .filled, .marked, .indexed, .depthObserved, .openInterestReported,
            .fundingRateAnnounced, .fundingSettled, .sessionSettled, .instrumentExpired,
            .liquidationFilled, .liquidationOrderEnded, .ticked:
            nil
        }
    }
}
