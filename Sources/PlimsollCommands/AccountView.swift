import Plimsoll
import PlimsollReports
import PlimsollUnits

/// What the text about an account shows, whoever has computed it.
struct AccountView {
    /// Wallet and requirements of a pool or the account.
    struct Figures {
        var walletBalance: Money
        var unrealizedPnl: Money
        var equity: Money
        var initialMargin: Money
        var maintenanceMargin: Money
        var availableBalance: Money
        var freeboard: Money
        var marginRatio: SolvedPrice?

        /// Nothing is there and nothing is needed.
        var isNothing: Bool {
            [walletBalance, unrealizedPnl, equity, initialMargin, maintenanceMargin]
                .allSatisfy { $0 == .zero }
        }
    }

    /// One open position.
    struct Position {
        var symbol: String
        /// The asset of its figures.
        var asset: String
        var isIsolated: Bool
        var quantity: Quantity
        var entryPrice: SolvedPrice
        var markPrice: Price?
        var notional: Money?
        var unrealizedPnl: Money?
        var maintenanceMargin: Money?
        var liquidationPrice: PriceAnswer
    }

    /// One margin pool.
    struct Pool {
        var name: String
        var asset: String
        var band: Band
        var mode: PoolMode
        var figures: Figures?
    }

    /// The wallets of one asset.
    struct Collateral {
        var asset: String
        var walletBalance: Money
        var isolatedMargin: Money
        var equity: Money?
        var collateralValue: Money?
    }

    var asset: String
    var state: Band
    var figures: Figures?
    var positions: [Position]
    var pools: [Pool]
    var collateral: [Collateral]
    var stale: [String]
    var missing: [String]

    /// What is shown of an engine's report.
    init(_ report: AccountReport, _ directory: Directory) {
        asset = report.asset
        state = report.state
        figures = report.figures.map { Figures($0) }
        positions = report.positions.map { Position($0) }
        pools = report.pools.map { pool in
            Pool(
                name: pool.name(directory),
                asset: pool.asset,
                band: pool.band,
                mode: pool.mode,
                figures: pool.figures.map { Figures($0) }
            )
        }
        collateral = report.collateral.map { own in
            Collateral(
                asset: own.asset,
                walletBalance: own.walletBalance,
                isolatedMargin: own.isolatedMargin,
                equity: own.equity,
                collateralValue: own.collateralValue
            )
        }
        stale = report.stale
        missing = report.missing
    }
}

extension AccountView.Figures {
    /// The figures that an engine has computed.
    init(_ figures: MarginFigures) {
        self.init(
            walletBalance: figures.walletBalance,
            unrealizedPnl: figures.unrealizedPnl,
            equity: figures.equity,
            initialMargin: figures.initialMargin,
            maintenanceMargin: figures.maintenanceMargin,
            availableBalance: figures.availableBalance,
            freeboard: figures.freeboard,
            marginRatio: figures.marginRatio
        )
    }
}

extension AccountView.Position {
    fileprivate init(_ position: PositionReport) {
        self.init(
            symbol: position.symbol,
            asset: position.asset,
            isIsolated: position.marginMode == .isolated,
            quantity: position.quantity,
            entryPrice: position.entryPrice,
            markPrice: position.markPrice,
            notional: position.figures?.notional,
            unrealizedPnl: position.figures?.unrealizedPnl,
            maintenanceMargin: position.figures?.maintenanceMargin,
            liquidationPrice: position.liquidationPrice
        )
    }
}
