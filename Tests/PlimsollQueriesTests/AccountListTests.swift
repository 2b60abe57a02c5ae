import Plimsoll
import PlimsollQueries
import PlimsollUnits
import TestSupport
import Testing

/// Pages of accounts, against a sort of all reports.
@Suite struct `The list of accounts` {
    private func pages(
        _ book: SampleBook,
        _ request: AccountListRequest
    ) throws -> [String] {
        var request = request
        var names: [String] = []
        for _ in 0..<1_000 {
            let page = AccountList(book.engine, book.venue, request)
            #expect(page.items.count <= request.limit)
            names += page.items.map(\.name)
            guard let next = page.next else { return names }
            #expect(page.items.count == request.limit)
            let cursor: AccountCursor? = AccountCursor(next.text)
            #expect(cursor == next)
            request.cursor = cursor
        }
        Issue.record("the pages do not end")
        return names
    }

    private func key(_ report: AccountReport, _ order: AccountListRequest.Order, _ book: SampleBook)
        -> Int128
    {
        guard let figures = report.figures else { return .min }
        switch order {
        case .account: return 0
        case .equity:
            let asset = book.engine.directory.asset(report.asset, in: book.venue)
            return book.engine.value(figures.equity, of: asset)?.units ?? .min
        case .ratio:
            if let ratio = figures.marginRatio { return ratio.units }
            return figures.equity < .zero || figures.maintenanceMargin > .zero ? .max : 0
        }
    }

    @Test(arguments: AccountListRequest.Order.allCases, Seeds.of(1))
    func `has every account once, in order`(
        order: AccountListRequest.Order,
        seed: UInt64
    ) throws {
        let book = try SampleBook(seed: seed &+ 300)
        let expected = book.traders.map { book.engine.report($0, prices: false) }
            .map { (name: book.engine.directory.name($0.account), report: $0) }
            .sorted { one, other in
                if order == .account { return one.name < other.name }
                let keys = (key(one.report, order, book), key(other.report, order, book))
                return keys.0 != keys.1
                    ? keys.0 > keys.1 : one.report.account < other.report.account
            }
        for limit in [1, 7, 40, 1_000] {
            var request = AccountListRequest()
            request.order = order
            request.limit = limit
            #expect(try pages(book, request) == expected.map(\.name))
        }
        for band in Band.allCases {
            var request = AccountListRequest()
            request.order = order
            request.band = band
            request.search = "RADER-1"
            request.limit = 3
            let wanted = expected.filter {
                $0.report.state == band && $0.name.contains("rader-1")
            }
            #expect(try pages(book, request) == wanted.map(\.name))
        }
    }

    @Test func `goes on behind the last place when the book has changed`() throws {
        var book = try SampleBook(seed: 17)
        var request = AccountListRequest()
        request.limit = 10
        let first = AccountList(book.engine, book.venue, request)
        let last = try #require(first.items.last)
        let cursor = try #require(first.next)
        // The whole first page becomes rich, which puts it behind.
        for item in first.items {
            try book.send(
                .deposited(
                    Deposited(
                        account: item.summary.account,
                        asset: book.asset("USDT"),
                        amount: money("1000000")
                    )
                )
            )
        }
        request.cursor = cursor
        request.limit = 1_000
        let rest = AccountList(book.engine, book.venue, request)
        let lastKey = last.summary.figures?.marginRatio?.units ?? .max
        for item in rest.items {
            #expect(item.summary.figures?.marginRatio?.units ?? 0 <= lastKey)
        }
        // Nobody who stood behind and did not move is left out.
        let others = Set(book.traders.map { book.engine.directory.name($0) })
            .subtracting(first.items.map(\.name))
        #expect(others.subtracting(rest.items.map(\.name)).isEmpty)
    }

    @Test func `is asked by the parameters of a query`() throws {
        let request = try AccountListRequest(
            query(["band": "call", "sort": "equity", "limit": "5", "search": "a-", "venue": "demo"])
        )
        #expect(request.band == .call)
        #expect(request.order == .equity)
        #expect(request.limit == 5)
        #expect(request.search == "a-")
        #expect(request.cursor == nil)
    }

    @Test(
        arguments: [
            (["band": "calls"], "Did you mean 'call'?"), (["sort": "size"], "Use one of"),
            (["limit": "0"], "from 1 to 1000"), (["limit": "1001"], "from 1 to 1000"),
            (["cursor": "x"], "nextCursor"), (["cursor": "equity.1.1"], "nextCursor"),
            (["cursor": "ratio.1.-1"], "nextCursor"), (["search": ""], "at least one"),
            (["bands": "call"], "Did you mean 'band'?"),
        ] as [(KeyValuePairs<String, String>, String)]
    )
    func `refuses what it does not know`(
        parameters: KeyValuePairs<String, String>,
        remedy: String
    ) throws {
        let fields = try query(parameters)
        let fault = #expect(throws: QueryFault.self) { try AccountListRequest(fields) }
        #expect(fault?.remedy.contains(remedy) == true, "\(fault?.remedy ?? "")")
        #expect(fault?.code == "malformed")
    }

    @Test func `a cursor beyond all accounts gives no page`() throws {
        let book = try SampleBook(seed: 1, steps: 0)
        let request = try AccountListRequest(
            query(["cursor": "account.0.zzzz", "sort": "account"])
        )
        #expect(AccountList(book.engine, book.venue, request).items.isEmpty == false)
    }

    @Test func `has the fields of the API`() throws {
        let book = try SampleBook(seed: 4)
        var request = AccountListRequest()
        request.limit = 2
        let list = try Read(AccountList(book.engine, book.venue, request))
        #expect(list.keys == ["items", "nextCursor", "asOf", "seq", "rulebook", "stale"])
        #expect(list["nextCursor"]?.isNull == false)
        #expect(
            list["items"]?.items.first?.keys == [
                "account", "band", "mode", "equity", "maintenanceMargin", "marginRatio",
                "freeboard", "asset", "positions", "isStale",
            ]
        )
        #expect(list["seq"]?.text == "\(book.engine.sequence)")
    }
}

/// The parameters of a request.
@Suite struct `Parameters` {
    @Test func `are given once`() throws {
        #expect(throws: (any Error).self) {
            try RequestFields.query([("limit", "1"), ("limit", "2")])
        }
    }
}
