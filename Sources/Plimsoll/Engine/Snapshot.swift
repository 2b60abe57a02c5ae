import PlimsollUnits

extension Engine {
    /// The whole state as bytes; `init(snapshot:)` makes the same engine of them.
    public func snapshot() -> [UInt8] {
        var writer = ByteWriter()
        for byte in Self.format.utf8 { writer.put(byte) }
        encode(into: &writer)
        var digest = StateDigest()
        digest.absorb(writer.bytes)
        writer.put(digest.value)
        return writer.bytes
    }

    /// The engine that a snapshot was taken of.
    public init(snapshot bytes: [UInt8]) throws(SnapshotError) {
        let header = Self.format.utf8.count
        guard bytes.count >= header + 16, bytes.starts(with: Self.format.utf8) else {
            throw .unknownFormat
        }
        var digest = StateDigest()
        digest.absorb(bytes.dropLast(16))
        var trailer = ByteReader(Array(bytes.suffix(16)))
        guard try trailer.int128() == Int128(bitPattern: digest.value) else { throw .damaged }
        var reader = ByteReader(Array(bytes[header..<bytes.count - 16]))
        self.init()
        sequence = try reader.word()
        effectsDigest = try StateDigest(from: &reader)
        identities = try Identities(from: &reader)
        ledger = try Ledger(from: &reader)
        guard reader.position == reader.bytes.count else {
            throw .impossible("trailing bytes", at: reader.position)
        }
    }

    private static let format = "plimsoll-snapshot-1\n"

    /// Digest of the state alone: a refused event does not change it.
    public var stateDigest: UInt128 {
        var digest = StateDigest()
        ledger.encode(into: &digest)
        identities.encode(into: &digest)
        return digest.value
    }

    /// Digest of the state and of every effect so far: equal for equal histories, in any process.
    public var digest: UInt128 {
        var digest = StateDigest()
        encode(into: &digest)
        return digest.value
    }

    private func encode(into sink: inout some ByteSink) {
        sink.put(sequence)
        effectsDigest.encode(into: &sink)
        identities.encode(into: &sink)
        ledger.encode(into: &sink)
    }
}

extension Ledger {
    /// The canonical form of the state: without indexes, derived rows, and the layout of tables.
    func encode(into sink: inout some ByteSink) {
        sink.put(clock)
        sink.put(directory.venues) { $0.put($1) }
        sink.put(directory.assets) { $0.put($1) }
        sink.put(directory.instruments) { $0.put($1) }
        sink.put(directory.accounts) { $0.put($1) }
        sink.put(venues) { sink, venue in
            sink.put(venue.mode)
            sink.put(venue.outside)
            sink.put(venue.rulebook) { $1.encode(into: &$0) }
        }
        sink.put(assets) { $1.encode(into: &$0) }
        sink.put(instruments) { $1.encode(into: &$0) }
        sink.put(accounts) { sink, account in
            sink.put(account.venue)
            sink.put(account.collateralMode)
            sink.put(account.positionMode)
            sink.put(account.isOutside)
            sink.put(account.isFund)
            sink.put(account.isFrozen)
        }
        sink.put(UInt64(pools.count))
        for pool in pools { encode(pool, into: &sink) }
        sink.put(settings.sorted { $0.key < $1.key }) { sink, entry in
            sink.put(entry.key.account)
            sink.put(entry.key.other)
            sink.put(entry.value.marginMode)
            sink.put(entry.value.leverage)
        }
        sink.put(inTransit.sorted { $0.key < $1.key }) { sink, entry in
            sink.put(entry.key.account)
            sink.put(entry.key.other)
            sink.put(entry.value)
        }
        sink.put(orders.sorted { $0.key < $1.key }) { sink, entry in
            sink.put(entry.key)
            sink.put(entry.value) { $1.encode(into: &$0) }
        }
        encodeEnforcement(into: &sink)
    }

    private func encode(_ pool: Pool, into sink: inout some ByteSink) {
        sink.put(pool.account)
        sink.put(pool.asset)
        sink.put(pool.isolated)
        sink.put(pool.isolatedLeg)
        sink.put(pool.band)
        sink.put(pool.mode)
        sink.put(pool.wallet)
        sink.put(UInt64(pool.count))
        for row in Int(pool.start)..<Int(pool.start + pool.count) {
            sink.put(positions.held[row].instrument)
            sink.put(positions.held[row].leg)
            sink.put(positions.held[row].leverage)
            sink.put(positions.held[row].quantity)
            sink.put(positions.cost[row])
        }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init()
        clock = Timestamp(nanoseconds: try reader.int64())
        let names = try (
            reader.list { reader throws(SnapshotError) in try reader.text() },
            reader.list { reader throws(SnapshotError) in try reader.text() },
            reader.list { reader throws(SnapshotError) in try reader.text() },
            reader.list { reader throws(SnapshotError) in try reader.text() }
        )
        venues = try reader.list { reader throws(SnapshotError) in
            Venue(
                mode: try reader.value(VenueMode.self),
                outside: AccountID(index: try reader.int32()),
                rulebook: try reader.optional(Rulebook.init(from:))
            )
        }
        assets = try reader.list(Asset.init(from:))
        for _ in assets {
            indexEdges.addFeed()
            indexMoves.addFeed()
        }
        instruments = try reader.list(Instrument.init(from:))
        for _ in 0..<(try reader.count(ofSize: 13)) {
            accounts.append(
                Account(
                    venue: VenueID(index: try reader.int32()),
                    collateralMode: try reader.value(CollateralMode.self),
                    positionMode: try reader.value(PositionMode.self),
                    isOutside: try reader.flag(),
                    isFund: try reader.flag(),
                    isFrozen: try reader.flag()
                )
            )
        }
        try nameAll(names.0, names.1, names.2, names.3, at: reader.position)
        for index in instruments.indices { refreshRow(Int32(index)) }
        try readPools(&reader)
        try readAccountTables(&reader)
        try readEnforcement(&reader)
        deriveAll()
    }

    /// Names everything again; counts and owners must fit.
    private mutating func nameAll(
        _ venueNames: [String],
        _ assetNames: [String],
        _ symbols: [String],
        _ accountNames: [String],
        at position: Int
    ) throws(SnapshotError) {
        guard venueNames.count == venues.count, assetNames.count == assets.count,
            symbols.count == instruments.count, accountNames.count == accounts.count
        else { throw .impossible("names", at: position) }
        for name in venueNames { _ = directory.add(venue: name) }
        for (name, asset) in zip(assetNames, assets) {
            _ = directory.add(asset: name, in: asset.venue)
        }
        for (name, instrument) in zip(symbols, instruments) {
            _ = directory.add(instrument: name, in: instrument.venue)
        }
        for (name, account) in zip(accountNames, accounts) {
            _ = directory.add(account: name, in: account.venue)
        }
    }

    private mutating func readPools(_ reader: inout ByteReader) throws(SnapshotError) {
        let count = try reader.count(ofSize: 40)
        for _ in 0..<count {
            let account = try reader.int32()
            let asset = try reader.int32()
            let isolated = try reader.int32()
            let leg = try reader.value(Leg.self)
            guard accounts.indices.contains(Int(account)), assets.indices.contains(Int(asset)),
                isolated < 0 || instruments.indices.contains(Int(isolated))
            else { throw .impossible("pool", at: reader.position) }
            let pool =
                isolated >= 0
                ? openIsolatedPool(of: account, instrument: isolated, leg: leg)
                : openCrossPool(of: account, asset: asset)
            pools[Int(pool)].band = try reader.value(Band.self)
            pools[Int(pool)].mode = try reader.value(PoolMode.self)
            pools[Int(pool)].wallet = try reader.int128()
            for _ in 0..<(try reader.count(ofSize: 41)) {
                try readPosition(in: pool, &reader)
            }
        }
    }

    private mutating func readPosition(
        in pool: Int32,
        _ reader: inout ByteReader
    ) throws(SnapshotError) {
        let instrument = try reader.int32()
        let leg = try reader.value(Leg.self)
        guard instruments.indices.contains(Int(instrument)) else {
            throw .impossible("position", at: reader.position)
        }
        let row = openPosition(in: pool, instrument: instrument, leg: leg)
        positions.held[row].leverage = try reader.int32()
        positions.held[row].quantity = try reader.int64()
        positions.cost[row] = try reader.int128()
        pools[Int(pool)].stake += Valuation.stake(
            positions.cost[row],
            instruments[Int(instrument)].rules.payoff
        )
    }

    private mutating func readAccountTables(_ reader: inout ByteReader) throws(SnapshotError) {
        for _ in 0..<(try reader.count(ofSize: 25)) {
            let key = AccountKey(account: try reader.int32(), other: try reader.int32())
            guard accounts.indices.contains(Int(key.account)) else {
                throw .impossible("an account", at: reader.position)
            }
            let setting = Setting(
                marginMode: try reader.value(MarginMode.self),
                leverage: try reader.int64()
            )
            choose(setting, key.account, key.other)
        }
        for _ in 0..<(try reader.count(ofSize: 32)) {
            let key = AccountKey(account: try reader.int32(), other: try reader.int32())
            inTransit[key] = try reader.int128()
        }
        for _ in 0..<(try reader.count(ofSize: 16)) {
            let account = try reader.int32()
            orders[account] = try reader.list(Order.init(from:))
        }
    }

    /// Indexes that follow from the rest.
    private mutating func deriveAll() {
        for index in venues.indices {
            let id = VenueID(index: Int32(index))
            venues[index].currency = venues[index].rulebook.flatMap {
                directory.asset($0.currency, in: id)
            }
        }
        for index in assets.indices {
            let name = directory.assets[index]
            assets[index].collateral =
                venues[Int(assets[index].venue.index)].rulebook?.collateral.first {
                    $0.asset == name
                }
        }
        for index in instruments.indices {
            instruments[index].base = directory.asset(
                instruments[index].rules.base,
                in: instruments[index].venue
            )
        }
        for index in accounts.indices {
            if accounts[index].collateralMode == .multiAsset {
                venues[Int(accounts[index].venue.index)].multiAsset.append(Int32(index))
            }
            refreshFastPath(ofAccount: Int32(index))
        }
        for pool in pools.indices where !pools[pool].isUnmargined { loseBand(of: Int32(pool)) }
    }
}

extension Asset {
    fileprivate func encode(into sink: inout some ByteSink) {
        sink.put(venue)
        for amount in [deposits, withdrawals, inTransit, fees, house, fund] { sink.put(amount) }
        sink.put(index)
        sink.put(indexTime)
    }

    fileprivate init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(venue: VenueID(index: try reader.int32()))
        deposits = try reader.int128()
        withdrawals = try reader.int128()
        inTransit = try reader.int128()
        fees = try reader.int128()
        house = try reader.int128()
        fund = try reader.int128()
        index = try reader.int64()
        indexTime = Timestamp(nanoseconds: try reader.int64())
    }
}

extension Instrument {
    fileprivate func encode(into sink: inout some ByteSink) {
        sink.put(venue)
        rules.encode(into: &sink)
        sink.put(settle)
        sink.put(group)
        sink.put(mark)
        sink.put(markTime)
        sink.put(pending) { sink, mark in
            sink.put(mark.price)
            sink.put(mark.at)
        }
        sink.put(sources) { sink, source in
            sink.put(source.name)
            sink.put(source.last)
        }
        sink.put(openInterest) { $0.put($1) }
        sink.put(fundingRate)
        sink.put(expired)
        sink.put(largestQuantity)
    }

    fileprivate init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            venue: VenueID(index: try reader.int32()),
            rules: try InstrumentRules(from: &reader),
            settle: AssetID(index: try reader.int32()),
            group: try reader.int32()
        )
        mark = try reader.int64()
        markTime = Timestamp(nanoseconds: try reader.int64())
        pending = try reader.list { reader throws(SnapshotError) in
            PendingMark(
                price: try reader.int64(),
                at: Timestamp(nanoseconds: try reader.int64())
            )
        }
        sources = try reader.list { reader throws(SnapshotError) in
            MarkSource(
                name: try reader.text(),
                last: Timestamp(nanoseconds: try reader.int64())
            )
        }
        openInterest = try reader.optional { reader throws(SnapshotError) in
            try reader.int128()
        }
        fundingRate = try reader.int64()
        expired = try reader.flag()
        largestQuantity = try reader.int64()
    }
}

extension Order {
    fileprivate func encode(into sink: inout some ByteSink) {
        sink.put(id)
        sink.put(instrument)
        sink.put(side)
        sink.put(leg)
        sink.put(quantity)
        sink.put(price)
        sink.put(reduceOnly)
        sink.put(isCancelling)
    }

    fileprivate init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            id: try reader.text(),
            instrument: try reader.int32(),
            side: try reader.value(Side.self),
            leg: try reader.value(Leg.self),
            quantity: try reader.int64(),
            price: try reader.int64(),
            reduceOnly: try reader.flag(),
            isCancelling: try reader.flag()
        )
    }
}
