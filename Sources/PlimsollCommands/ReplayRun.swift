import Plimsoll
import PlimsollMarket
import PlimsollUnits
import PlimsollWire

/// One replay: the engine, and what was noticed on the way.
struct ReplayRun {
    /// A pool that fell below its maintenance.
    struct Fall {
        var change: MarginStateChanged
        var time: Timestamp
        var asset: String
        var cause: Cause
        /// `nil`: the market moved it.
        var line: Int?
    }

    /// What was done about a pool below its line.
    struct Action {
        var effect: Effect
        var time: Timestamp
        var line: Int?
    }

    /// What moved a pool.
    struct Cause {
        var event: EventKind
        var symbol: String?
        var price: Price?
    }

    /// Refused events, by code.
    struct Refusals {
        /// How many of one code, and the first of them.
        struct Kind {
            var code: String
            var count: Int
            /// `nil`: the market said it.
            var firstLine: Int?
            var problem: String
            var remedy: String
        }

        private(set) var kinds: [Kind] = []
        private(set) var count = 0

        mutating func add(_ rejection: Rejection, line: Int?) {
            count += 1
            let code = rejection.code
            if let known = kinds.firstIndex(where: { $0.code == code }) {
                kinds[known].count += 1
                return
            }
            kinds.append(
                Kind(
                    code: code,
                    count: 1,
                    firstLine: line,
                    problem: rejection.problem,
                    remedy: rejection.remedy
                )
            )
        }
    }

    let file: String
    let until: Timestamp?
    /// What the rulebooks' own way to deleverage is replaced by.
    let policy: WaterfallPolicy?
    /// Answers liquidation orders, where the history does not.
    private(set) var market: ReplayMarket?
    private(set) var engine = Engine()
    private(set) var events = 0
    private(set) var repeated = 0
    private(set) var pricesRefused = 0
    private(set) var falls: [Fall] = []
    private(set) var actions: [Action] = []
    private(set) var refusals = Refusals()
    /// What the waterfall came to, by settlement asset.
    private(set) var waterfall: [String: WaterfallSummary] = [:]
    /// What was paid into insurance funds from outside.
    private(set) var fundsPaidIn: [AssetID: Money] = [:]
    private var effects: [Effect] = []

    init(
        file: String,
        until: Timestamp?,
        policy: WaterfallPolicy? = nil,
        market: ReplayMarket? = nil
    ) {
        self.file = file
        self.until = until
        self.policy = policy
        self.market = market
    }

    /// This replay after every event of the file, and those of the market between them.
    ///
    /// `output` gets each event that happened.
    func finished(
        _ progress: ReplayProgress?,
        _ output: EventOutput? = nil
    ) -> Result<ReplayRun, InputFault> {
        var run = self
        do throws(InputFault) {
            try run.run(progress, output)
            return .success(run)
        } catch {
            return .failure(error)
        }
    }

    private mutating func run(
        _ progress: ReplayProgress?,
        _ output: EventOutput?
    ) throws(InputFault) {
        let lines = try LineReader(path: file)
        let catalog = RulebookCatalog.standard()
        let reader = EventReader(file: file) { (node, file) throws(InputFault) in
            try catalog.adopted(node, in: file)
        }
        var progress = progress
        while let line = try lines.next() {
            let event = try reader.event(
                line.bytes,
                number: line.number,
                directory: engine.directory,
                clock: engine.clock
            )
            guard let event else { continue }
            if let until, event.at > until { break }
            letMarketAct(until: event.at, output)
            for var happening in market?.adapted(event, engine) ?? [event] {
                policy?.change(&happening)
                apply(happening, line: line.number)
                output?.write(happening == event ? line.bytes : written(happening))
            }
            if events & 1_023 == 0 {
                progress?.update(events: events, bytes: lines.bytesRead, of: lines.size)
            }
        }
        if let market {
            let (end, overflow) = engine.clock.nanoseconds
                .addingReportingOverflow(market.options.aftermath)
            let last = Timestamp(nanoseconds: overflow ? .max : end)
            letMarketAct(until: until.map { min($0, last) } ?? last, output)
        }
        progress?.finish(events: events)
    }

    private mutating func letMarketAct(
        until time: Timestamp,
        _ output: EventOutput?
    ) {
        while let event = market?.next(until: time, engine) {
            apply(event, line: nil)
            output?.write(written(event))
        }
    }

    private func written(_ event: Event) -> [UInt8] {
        Array(event.line(directory: engine.directory).utf8)
    }

    /// `line`: where the event is in the file; `nil`: the market said it.
    private mutating func apply(_ event: Event, line: Int?) {
        effects.removeAll(keepingCapacity: true)
        engine.applyOrRefuse(event, emitting: &effects)
        events += 1
        if !effects.isEmpty { notice(effects, of: event, line: line) }
        if case .insuranceFunded(let body) = event.body, !effects.contains(where: \.changesNothing)
        {
            fundsPaidIn[body.asset, default: .zero] += body.amount
        }
        market?.note(effects, of: event, engine)
    }

    private mutating func notice(_ effects: [Effect], of event: Event, line: Int?) {
        for effect in effects {
            if let asset = waterfallAsset(of: effect) {
                waterfall[asset, default: WaterfallSummary()].add(effect, engine)
            }
            switch effect {
            case .marginStateChanged(let change):
                guard change.mode == .liquidating, change.fromMode != .liquidating else { continue }
                falls.append(
                    Fall(
                        change: change,
                        time: event.at,
                        asset: asset(of: change),
                        cause: cause(of: event.body),
                        line: line
                    )
                )
            case .refused(let rejection): refusals.add(rejection, line: line)
            case .repeated: repeated += 1
            case .priceRefused: pricesRefused += 1
            case .liquidationOrdered, .liquidationOrdersToCancel, .liquidationEnded,
                .insuranceMoved, .deleveraged, .lossSocialised, .bankruptcyDeclared:
                actions.append(Action(effect: effect, time: event.at, line: line))
            case .balanceChanged, .positionChanged, .ordersToCancel: break
            }
        }
    }

    /// The asset of a pool's figures.
    private func asset(of change: MarginStateChanged) -> String {
        asset(of: change.pool, change.account)
    }

    private func asset(of pool: PoolID, _ account: AccountID) -> String {
        engine.report(account, prices: false).pools.first { $0.pool == pool }?.asset ?? ""
    }

    /// The asset in which a step of the waterfall counts; `nil`: it is none.
    private func waterfallAsset(of effect: Effect) -> String? {
        switch effect {
        case .liquidationOrdered(let order): engine.rules(of: order.instrument).settle
        case .insuranceMoved(let move): engine.directory.name(move.asset)
        case .deleveraged(let close): engine.rules(of: close.instrument).settle
        case .lossSocialised(let share): engine.directory.name(share.asset)
        case .bankruptcyDeclared(let bankruptcy): asset(of: bankruptcy.pool, bankruptcy.account)
        default: nil
        }
    }

    private func cause(of body: Event.Body) -> Cause {
        let names = engine.directory
        var cause = Cause(event: body.kind)
        switch body {
        case .marked(let event):
            cause.symbol = names.name(event.instrument)
            cause.price = event.price
        case .indexed(let event):
            cause.symbol = names.name(event.asset)
            cause.price = event.price
        case .filled(let event):
            cause.symbol = names.name(event.instrument)
            cause.price = event.price
        case .fundingSettled(let event):
            cause.symbol = names.name(event.instrument)
            cause.price = event.price ?? engine.mark(of: event.instrument)
        case .sessionSettled(let event):
            cause.symbol = names.name(event.instrument)
            cause.price = event.price
        case .instrumentExpired(let event):
            cause.symbol = names.name(event.instrument)
            cause.price = event.price
        case .liquidationFilled(let event): cause.price = event.price
        case .depthObserved(let event): cause.symbol = names.name(event.instrument)
        case .fundingRateAnnounced(let event): cause.symbol = names.name(event.instrument)
        case .openInterestReported(let event): cause.symbol = names.name(event.instrument)
        case .isolatedMarginMoved(let event): cause.symbol = names.name(event.instrument)
        case .orderPlaced(let event): cause.symbol = names.name(event.instrument)
        case .accountConfigured(let event): cause.symbol = event.instrument.map { names.name($0) }
        case .deposited(let event): cause.symbol = names.name(event.asset)
        case .withdrawalRequested(let event): cause.symbol = names.name(event.asset)
        case .withdrawalSettled(let event): cause.symbol = names.name(event.asset)
        case .withdrawalReversed(let event): cause.symbol = names.name(event.asset)
        case .transferred(let event): cause.symbol = names.name(event.asset)
        case .feeCharged(let event): cause.symbol = names.name(event.asset)
        case .interestAccrued(let event): cause.symbol = names.name(event.asset)
        case .collateralConverted(let event): cause.symbol = names.name(event.from)
        case .venueDefined, .assetDefined, .rulebookAdopted, .instrumentDefined, .accountOpened,
            .insuranceFunded, .reconciled, .orderReduced, .orderCancelled,
            .liquidationOrderEnded, .operatorActed, .ticked:
            break
        }
        return cause
    }

    // MARK: At the end

    /// Where an event came from, for people.
    func place(_ line: Int?) -> String { line.map { "at \(file):\($0)" } ?? "by the market" }

    /// Accounts of the venues, without those that stand for the rest of the world.
    var accounts: [AccountID] {
        engine.directory.accounts.indices.map { AccountID(index: Int32($0)) }
            .filter { engine.outside(of: engine.venue(of: $0)) != $0 }
    }

    /// The first fall of each pool, in order of time, and how often the pool fell.
    func fallenPools() -> [(first: Fall, times: Int)] {
        var pools: [(first: Fall, times: Int)] = []
        var places: [PoolID: Int] = [:]
        for fall in falls {
            if let place = places[fall.change.pool] {
                pools[place].times += 1
            } else {
                places[fall.change.pool] = pools.count
                pools.append((fall, 1))
            }
        }
        return pools
    }

    /// How many accounts are in each band, by their worst pools.
    func bands() -> [(band: Band, count: Int)] {
        var counts = [Int](repeating: 0, count: Band.allCases.count)
        for account in accounts {
            let worst = engine.standing(of: account).map(\.band).max() ?? .safe
            counts[Int(worst.rawValue)] += 1
        }
        return Band.allCases.map { ($0, counts[Int($0.rawValue)]) }
    }

    /// The account of this name, in any venue.
    func account(named name: String) throws(CommandFailure) -> AccountID {
        let names = engine.directory
        for venue in names.venues.indices {
            if let account = names.account(name, in: VenueID(index: Int32(venue))) {
                return account
            }
        }
        let near = Spelling.nearest(to: name, among: names.accounts)
        throw .notFound(
            problem: "\(file) opens no account \(Excerpt.quoted(name)).",
            remedy: near.map { "Did you mean '\($0)'?" } ?? "Name one that the file opens."
        )
    }
}

extension Effect {
    /// The event was refused, or known already.
    fileprivate var changesNothing: Bool {
        switch self {
        case .refused, .repeated: true
        default: false
        }
    }
}

extension MarginStateChanged {
    /// What the pool is called: `cross` or `SOLUSDT isolated`.
    func poolName(_ directory: Directory, asset: String) -> String {
        isolated.map { "\(directory.name($0)) isolated" } ?? "\(asset) cross"
    }
}
