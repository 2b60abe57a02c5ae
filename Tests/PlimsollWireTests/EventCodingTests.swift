import Plimsoll
import PlimsollUnits
import PlimsollWire
import TestSupport
import Testing

@Suite struct `Event files` {
    /// One line of every kind, in the form in which it is written.
    static let lines = [
        #"{"type":"venueDefined","time":1,"at":2,"name":"demo2","mode":"mirror"}"#,
        #"{"type":"assetDefined","time":1,"at":2,"asset":"USDC"}"#,
        #"{"type":"rulebookAdopted","time":1,"at":2,"rulebook":"binance-usdm"}"#,
        #"{"type":"instrumentDefined","time":1,"at":2,"symbol":"SOLUSDT"}"#,
        #"{"type":"accountOpened","time":1,"at":2,"account":"carol"}"#,
        #"{"type":"accountOpened","time":1,"at":2,"account":"carol","mode":"multi-asset","positionMode":"hedge"}"#,
        #"{"type":"accountConfigured","time":1,"at":2,"account":"alice","mode":"single-asset","positionMode":"one-way","symbol":"BTCUSDT","marginMode":"isolated","leverage":"12.5"}"#,
        #"{"type":"accountConfigured","time":1,"at":2,"account":"alice"}"#,
        #"{"type":"deposited","time":1,"at":2,"id":"d-1","account":"alice","asset":"USDT","amount":"25000.0000000000000001"}"#,
        #"{"type":"withdrawalRequested","time":1,"at":2,"id":"w\"1","account":"alice","asset":"USDT","amount":"-3"}"#,
        #"{"type":"withdrawalSettled","time":1,"at":2,"account":"alice","asset":"USDT","amount":"3"}"#,
        #"{"type":"withdrawalReversed","time":1,"at":2,"account":"alice","asset":"USDT","amount":"3"}"#,
        #"{"type":"transferred","time":1,"at":2,"from":"alice","to":"bob","asset":"BTC","amount":"0.5"}"#,
        #"{"type":"isolatedMarginMoved","time":1,"at":2,"account":"alice","symbol":"BTCUSDT","leg":"short","amount":"-5"}"#,
        #"{"type":"isolatedMarginMoved","time":1,"at":2,"account":"alice","symbol":"BTCUSDT","amount":"5"}"#,
        #"{"type":"feeCharged","time":1,"at":2,"account":"alice","asset":"USDT","amount":"-0.1"}"#,
        #"{"type":"interestAccrued","time":1,"at":2,"account":"alice","asset":"USDT","amount":"-0.1"}"#,
        #"{"type":"insuranceFunded","time":1,"at":2,"asset":"USDT","amount":"100000"}"#,
        #"{"type":"insuranceFunded","time":1,"at":2,"asset":"USDT","amount":"100000","fund":"fund:BTC"}"#,
        #"{"type":"collateralConverted","time":1,"at":2,"account":"alice","from":"BTC","sold":"1","to":"USDT","bought":"61000"}"#,
        #"{"type":"reconciled","time":1,"at":2,"account":"alice","asset":"USDT","walletBalance":"-7"}"#,
        #"{"type":"reconciled","time":1,"at":2,"account":"alice","symbol":"BTCUSDT","quantity":"-2","entryPrice":"61000.0000000000000001"}"#,
        #"{"type":"reconciled","time":1,"at":2,"account":"alice","symbol":"BTCUSDT","leg":"long","quantity":"2","entryPrice":"61000","isolatedMargin":"-5"}"#,
        #"{"type":"orderPlaced","time":1,"at":2,"account":"alice","order":"o-1","symbol":"BTCUSDT","side":"sell","leg":"long","quantity":"0.1","price":"61000","reduceOnly":true}"#,
        #"{"type":"orderPlaced","time":1,"at":2,"account":"alice","order":"o-1","symbol":"BTCUSDT","side":"buy","quantity":"0.1","price":"61000"}"#,
        #"{"type":"orderReduced","time":1,"at":2,"account":"alice","order":"o-1","remaining":"0.05"}"#,
        #"{"type":"orderCancelled","time":1,"at":2,"account":"alice","order":"o-1"}"#,
        #"{"type":"filled","time":1,"at":2,"symbol":"BTCUSDT","quantity":"1.5","price":"61000","buyer":"alice","buyerFee":"36.6","seller":"outside"}"#,
        #"{"type":"filled","time":1,"at":2,"symbol":"BTCUSDT","quantity":"1.5","price":"61000","buyer":"alice","buyerFee":"36.6","buyerLeg":"long","buyerOrder":"o-1","seller":"bob","sellerFee":"-1","sellerLeg":"short","sellerOrder":"o-2"}"#,
        #"{"type":"marked","time":1,"at":2,"source":"marks","sequence":18446744073709551615,"symbol":"BTCUSDT","price":"61234.5"}"#,
        #"{"type":"indexed","time":1,"at":2,"asset":"BTC","price":"61230"}"#,
        #"{"type":"openInterestReported","time":1,"at":2,"symbol":"BTCUSDT","notional":"1000000000"}"#,
        #"{"type":"fundingRateAnnounced","time":1,"at":2,"symbol":"BTCUSDT","rate":"0.0001"}"#,
        #"{"type":"fundingSettled","time":1,"at":2,"symbol":"BTCUSDT","rate":"-0.0001"}"#,
        #"{"type":"fundingSettled","time":1,"at":2,"symbol":"BTCUSDT","rate":"-0.0001","price":"61000"}"#,
        #"{"type":"sessionSettled","time":1,"at":2,"symbol":"BTCUSDT","price":"61000"}"#,
        #"{"type":"instrumentExpired","time":1,"at":2,"symbol":"BTCUSDT","price":"61000"}"#,
        #"{"type":"depthObserved","time":1,"at":2,"symbol":"BTCUSDT","bids":[["60999.5","0.25"],["60999","1.00000001"]],"asks":[["61000","3"]]}"#,
        #"{"type":"depthObserved","time":1,"at":2,"symbol":"BTCUSDT","bids":[],"asks":[]}"#,
        #"{"type":"liquidationFilled","time":1,"at":2,"order":18446744073709551615,"quantity":"0.5","price":"60000","counterparty":"outside"}"#,
        #"{"type":"liquidationFilled","time":1,"at":2,"order":1,"quantity":"0.5","price":"60000","counterparty":"bob","counterpartyFee":"-0.5","counterpartyLeg":"long","counterpartyOrder":"o-2"}"#,
        #"{"type":"liquidationOrderEnded","time":1,"at":2,"order":1,"reason":"unfilled"}"#,
        #"{"type":"liquidationOrderEnded","time":1,"at":2,"order":2,"reason":"rejected"}"#,
        #"{"type":"liquidationOrderEnded","time":1,"at":2,"order":3,"reason":"cancelled"}"#,
        #"{"type":"operatorActed","time":1,"at":2,"action":"freeze","account":"alice","who":"eve","why":"asked by phone"}"#,
        #"{"type":"ticked","time":-1,"at":9200000000000}"#,
    ]

    @Test(arguments: lines)
    func `an event that is read and written is the same line`(line: String) throws {
        let event = try #require(try event(line))
        #expect(event.line(directory: sampleDirectory()) == line)
    }

    @Test(arguments: lines)
    func `with two venues the venue is written too`(line: String) throws {
        let directory = sampleDirectory(venues: 2)
        let line = "{\"venue\":\"other\"," + line.dropFirst()
        let first = try #require(try event(String(line), directory: directory))
        let written = first.line(directory: directory)
        let second = try #require(try event(written, directory: directory))
        #expect(first == second)
        let hasNone = ["venueDefined", "liquidationOrderEnded", "ticked"].contains {
            line.contains("\"\($0)\"")
        }
        #expect(written.contains("\"venue\":\"other\"") == !hasNone)
    }

    @Test func `every kind of event is in the table`() {
        let kinds = Set(Self.lines.map { String($0.dropFirst(9).prefix { $0 != "\"" }) })
        #expect(kinds == Set(EventKind.allCases.map(\.rawValue)))
    }

    @Test func `a missing stamp is the later of the time and the clock`() throws {
        let line = #"{"type":"ticked","time":5}"#
        let early = try event(line, clock: Timestamp(nanoseconds: 1_000_000))
        let late = try event(line, clock: Timestamp(nanoseconds: 7_000_001))
        #expect(early?.at == Timestamp(nanoseconds: 5_000_000))
        #expect(late?.at == Timestamp(nanoseconds: 7_000_001))
        #expect(late?.time == Timestamp(nanoseconds: 5_000_000))
    }

    @Test(arguments: ["", "   ", "\t", "# a note", "  # a note"])
    func `blank lines and comments are no events`(line: String) throws {
        #expect(try event(line) == nil)
    }

    @Test func `a source may accompany an id for information`() throws {
        let event = try event(#"{"type":"ticked","time":5,"id":"t-1","source":"desk"}"#)
        #expect(event?.identity == .command(id: "t-1"))
    }
}

@Suite struct `Messages of event files` {
    @Test(arguments: [
        (
            #"{"type":"deposted","time":1}"#,
            "e.ndjson:7:9: type: there is no event 'deposted'.\n  Did you mean 'deposited'?"
        ),
        (
            #"{"time":1}"#,
            "e.ndjson:7:1: the field 'type' is missing.\n  Add 'type' with a value."
        ),
        (
            #"{"type":"ticked"}"#,
            "e.ndjson:7:1: the field 'time' is missing.\n  Add 'time' with a value."
        ),
        (
            #"["ticked"]"#,
            """
            e.ndjson:7:1: the value is a list, but must be a mapping of names to values.
              Write the fields as `name: value` pairs.
            """
        ),
        (
            #"{"type":"deposited","time":1,"account":"alicia","asset":"USDT","amount":"1"}"#,
            """
            e.ndjson:7:40: account: there is no account 'alicia' in the venue 'demo'.
              Did you mean 'alice'?
            """
        ),
        (
            #"{"type":"deposited","time":1,"account":"zorro","asset":"USDT","amount":"1"}"#,
            """
            e.ndjson:7:40: account: there is no account 'zorro' in the venue 'demo'.
              Open it before with an 'accountOpened' event.
            """
        ),
        (
            #"{"type":"deposited","time":1,"account":"alice","asset":"DOGE","amount":"1"}"#,
            """
            e.ndjson:7:56: asset: there is no asset 'DOGE' in the venue 'demo'.
              Define it before with an 'assetDefined' event.
            """
        ),
        (
            #"{"type":"marked","time":1,"symbol":"BTCUSD","price":"1"}"#,
            """
            e.ndjson:7:36: symbol: there is no instrument 'BTCUSD' in the venue 'demo'.
              Did you mean 'BTCUSDT'?
            """
        ),
        (
            #"{"type":"marked","time":1,"symbol":"BTCUSDT","prize":"1"}"#,
            "e.ndjson:7:46: the field 'prize' is not known here.\n  Did you mean 'price'?"
        ),
        (
            #"{"type":"ticked","time":1,"venue":"nowhere"}"#,
            """
            e.ndjson:7:35: venue: there is no venue 'nowhere'.
              Define it before with a 'venueDefined' event.
            """
        ),
        (
            #"{"type":"ticked","time":1,"source":"x"}"#,
            """
            e.ndjson:7:36: source: the event has a 'source' but no 'sequence'.
              Give both, or neither.
            """
        ),
        (
            #"{"type":"ticked","time":1,"id":"x","source":"y","sequence":1}"#,
            """
            e.ndjson:7:32: id: the event has both an 'id' and a 'sequence'.
              Give 'id' for a command, or 'source' and 'sequence' for a feed.
            """
        ),
        (
            #"{"type":"accountOpened","time":1,"account":"x","mode":"multi"}"#,
            """
            e.ndjson:7:55: mode: 'multi' is not one of 'single-asset', 'multi-asset'.
              Use one of 'single-asset', 'multi-asset'.
            """
        ),
        (
            #"{"type":"accountConfigured","time":1,"account":"alice","leverage":3}"#,
            """
            e.ndjson:7:67: leverage: the event has a 'leverage' but no 'symbol'.
              Add the 'symbol' whose leverage is set.
            """
        ),
        (
            #"{"type":"reconciled","time":1,"account":"alice","symbol":"BTCUSDT","asset":"BTC"}"#,
            """
            e.ndjson:7:58: symbol: the event has both a 'symbol' and 'asset'.
              Report the wallet and the position in an event each.
            """
        ),
        (
            #"{"type":"rulebookAdopted","time":1,"rulebook":"x"}"#,
            "e.ndjson:7:47: rulebook: there is no rulebook 'x'.\n  Use 'binance-usdm'."
        ),
        (
            #"{"type":"ticked","ti"#,
            """
            e.ndjson:7:18: the text that starts here has no closing quote.
              Complete it; a file or line that ends like this was cut off.
            """
        ),
    ])
    func `a fault says what is wrong, where, and what to do`(line: String, expected: String) {
        #expect(message { () throws(InputFault) in try event(line, number: 7) } == expected)
    }

    @Test(arguments: [
        (
            #"{"type":"depthObserved","time":1,"symbol":"BTCUSDT","bids":[[1,2,3]],"asks":[]}"#,
            """
            e.ndjson:7:61: bids[0]: the level has 3 values, not 2.
              Write [price, quantity].
            """
        ),
        (
            #"{"type":"depthObserved","time":1,"symbol":"BTCUSDT","bids":[],"asks":[["1","0"]]}"#,
            """
            e.ndjson:7:76: asks[0][1]: 0 is not above zero.
              Use a quantity above zero.
            """
        ),
        (
            #"{"type":"depthObserved","time":1,"symbol":"BTCUSDT","bids":[["0","1"]],"asks":[]}"#,
            """
            e.ndjson:7:62: bids[0][0]: '0' is not above zero.
              Use a number above zero.
            """
        ),
        (
            #"{"type":"depthObserved","time":1,"symbol":"BTCUSDT","bids":[]}"#,
            "e.ndjson:7:1: the field 'asks' is missing.\n  Add 'asks' with a value."
        ),
        (
            #"{"type":"depthObserved","time":1,"symbol":"BTCUSDT","bidds":[],"asks":[]}"#,
            "e.ndjson:7:53: the field 'bidds' is not known here.\n  Did you mean 'bids'?"
        ),
        (
            #"{"type":"liquidationFilled","time":1,"order":-1,"quantity":1,"price":1,"counterparty":"bob"}"#,
            """
            e.ndjson:7:46: order: '-1' is not the number of a liquidation order.
              Write the 'order' of the liquidation order, a whole number.
            """
        ),
        (
            #"{"type":"liquidationFilled","time":1,"order":1,"quantity":1,"price":1,"buyer":"bob"}"#,
            """
            e.ndjson:7:71: the field 'buyer' is not known here.
              Remove it; known are 'type', 'time', 'at', 'id', 'source', 'sequence', 'venue', \
            'order', 'quantity', 'price', 'counterparty', 'counterpartyFee', 'counterpartyLeg', \
            'counterpartyOrder'.
            """
        ),
        (
            #"{"type":"liquidationOrderEnded","time":1,"order":"o-1","reason":"unfilled"}"#,
            """
            e.ndjson:7:50: order: 'o-1' is not the number of a liquidation order.
              Write the 'order' of the liquidation order, a whole number.
            """
        ),
        (
            #"{"type":"liquidationOrderEnded","time":1,"order":1,"reason":"canceled"}"#,
            """
            e.ndjson:7:61: reason: 'canceled' is not one of 'unfilled', 'rejected', 'cancelled'.
              Did you mean 'cancelled'?
            """
        ),
        (
            #"{"type":"insuranceFunded","time":1,"asset":"USDT","amount":"1","fund":""}"#,
            "e.ndjson:7:71: fund: the text is empty.\n  Write at least one character."
        ),
    ])
    func `of enforcement name the field too`(line: String, expected: String) {
        #expect(message { () throws(InputFault) in try event(line, number: 7) } == expected)
    }

    @Test func `a side of a book has at most a thousand levels`() throws {
        func line(_ count: Int) -> String {
            let bids = (0..<count).map { "[\(count - $0),1]" }.joined(separator: ",")
            return #"{"type":"depthObserved","time":1,"symbol":"BTCUSDT","bids":["# + bids
                + #"],"asks":[]}"#
        }
        guard case .depthObserved(let book)? = try event(line(1_000))?.body else {
            Issue.record("the book is not read")
            return
        }
        #expect(book.bids.count == 1_000)
        #expect(
            message { () throws(InputFault) in try event(line(1_001)) } == """
                e.ndjson:1:60: bids: there are 1001 levels, more than 1000.
                  Leave out those that are the furthest from the best price.
                """
        )
    }

    @Test func `an event without names is of a venue that exists`() {
        let line = #"{"type":"liquidationOrderEnded","time":1,"venue":"x","order":1}"#
        #expect(
            message { () throws(InputFault) in try event(line) } == """
                e.ndjson:1:50: venue: there is no venue 'x'.
                  Define it before with a 'venueDefined' event.
                """
        )
    }

    @Test func `without a venue, or with two, the venue must be clear`() {
        let line = #"{"type":"assetDefined","time":1,"asset":"X"}"#
        #expect(
            message { () throws(InputFault) in try event(line, directory: Directory()) }
                == "e.ndjson:1:1: no venue has been defined yet.\n  Begin with a 'venueDefined' event."
        )
        #expect(
            message { () throws(InputFault) in
                try event(line, directory: sampleDirectory(venues: 2))
            } == """
                e.ndjson:1:1: the field 'venue' is missing, and there are 2 venues.
                  Add 'venue' with one of 'demo', 'other'.
                """
        )
    }

    @Test(arguments: Seeds.of(1))
    func `a damaged line is refused or read, and never traps`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let directory = sampleDirectory()
        for _ in 0..<(Seeds.isSoak ? 50_000 : 20_000) {
            var bytes = Array(random.pick(`Event files`.lines).utf8)
            for _ in 0..<random.int(1...4) { bytes = random.damaged(bytes) }
            do throws(InputFault) {
                let event = try sampleReader.event(
                    bytes,
                    number: 1,
                    directory: directory,
                    clock: .zero
                )
                guard let event else { continue }
                // What is accepted must survive being written and read again.
                let line = Array(event.line(directory: directory).utf8)
                let again = try sampleReader.event(
                    line,
                    number: 1,
                    directory: directory,
                    clock: .zero
                )
                #expect(again == event)
            } catch {
                #expect(error.description.utf8.count < 1_500)
            }
        }
    }
}
