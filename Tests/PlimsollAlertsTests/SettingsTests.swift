@testable import PlimsollAlerts
import PlimsollWire
import Testing

private func reader(_ json: String) throws -> NodeReader {
    try NodeReader(mapping: JSONText.parse(Array(json.utf8), file: "body"), file: "body")
}

@Suite struct `Settings` {
    @Test func `are written as they are read`() throws {
        var settings = AlertSettings()
        settings.changedBy = "k"
        let hook = #"{"id":"desk","url":"http://127.0.0.1:9/x?y","secret":"0123456789abcdef"}"#
        let body = try reader(#"{"rules":[],"webhooks":[\#(hook)]}"#)
        settings.webhooks = try settings.changed(by: body).settings.webhooks
        settings.rules.append(
            AlertRule("thin", .freeboard(below: -5, margin: 3, accounts: NamePattern("x*")))
        )
        var writer = JSONWriter()
        writer.object { $0.fields(of: settings, secrets: true) }
        let node = try JSONText.parse(writer.bytes, file: "file")
        let read = try AlertSettings(file: NodeReader(mapping: node, file: "file"))
        #expect(read == settings)
    }

    @Test(arguments: [
        (#"{}"#, ""),
        (#"{"rules":[],"extra":1}"#, "extra"),
        (#"{"rules":{}}"#, "rules"),
        (#"{"rules":[{"id":"a","kind":"ratio"}]}"#, "rules[0]"),
        (#"{"rules":[{"id":"a","kind":"ratio","above":"0"}]}"#, "rules[0].above"),
        (#"{"rules":[{"id":"a","kind":"ratio","above":"1","below":"1"}]}"#, "rules[0].below"),
        (#"{"rules":[{"id":"a","kind":"ratio","above":"1","margin":"1"}]}"#, "rules[0].margin"),
        (#"{"rules":[{"id":"a b","kind":"node"}]}"#, "rules[0].id"),
        (#"{"rules":[{"id":"","kind":"node"}]}"#, "rules[0].id"),
        (#"{"rules":[{"id":"a","kind":"other"}]}"#, "rules[0].kind"),
        (#"{"rules":[{"id":"a","kind":"node"},{"id":"a","kind":"node"}]}"#, "rules[1]"),
        (#"{"rules":[{"id":"a","kind":"node","after":-1}]}"#, "rules[0].after"),
        (#"{"rules":[{"id":"a","kind":"node","severity":"bad"}]}"#, "rules[0].severity"),
        (
            #"{"rules":[{"id":"a","kind":"depletion","fall":"1.1","within":60}]}"#,
            "rules[0].fall"
        ),
        (
            #"{"rules":[{"id":"a","kind":"depletion","fall":"0.1","within":0}]}"#,
            "rules[0].within"
        ),
        (#"{"rules":[{"id":"a","kind":"staleMark","olderThan":"x"}]}"#, "rules[0].olderThan"),
        (#"{"rules":[],"webhooks":[{"id":"h","secret":"0123456789abcdef"}]}"#, "webhooks[0]"),
        (#"{"rules":[],"webhooks":[{"id":"h","url":"http://a"}]}"#, "webhooks[0]"),
        (
            #"{"rules":[],"webhooks":[{"id":"h","url":"http://a","secret":"short"}]}"#,
            "webhooks[0].secret"
        ),
        (
            #"{"rules":[],"webhooks":[{"id":"h","url":"ftp://a","secret":"0123456789abcdef"}]}"#,
            "webhooks[0].url"
        ),
    ])
    func `that are wrong are refused, and it is said where`(body: String, place: String) throws {
        do {
            _ = try AlertSettings().changed(by: reader(body))
            Issue.record("\(body) was taken")
        } catch let faults as InputFaults {
            #expect(faults.faults.contains { $0.path.hasPrefix(place) }, "\(faults)")
        }
    }

    @Test func `tell all that is wrong at once`() throws {
        let body = #"""
            {"rules":[{"id":"a","kind":"x"},{"id":"b","kind":"ratio","above":"-1"}],
            "webhooks":[{"id":"h"}],"other":1}
            """#
        do {
            _ = try AlertSettings().changed(by: reader(body))
            Issue.record("it was taken")
        } catch let faults as InputFaults {
            #expect(faults.faults.count == 4, "\(faults)")
        }
    }
}

@Suite struct `A webhook` {
    @Test(
        arguments: [
            ("http://127.0.0.1:8080/x?token=secret", "http://127.0.0.1:8080/…"),
            ("https://hooks.example.com", "https://hooks.example.com/…"),
            ("https://[::1]:443/a", "https://[::1]:443/…"),
            ("https://user:pass@example.com/", nil), ("https://user@example.com/", nil),
            ("ftp://example.com/", nil), ("file:///etc/passwd", nil), ("https://", nil),
            ("http://:80/", nil), ("http://a:0/", nil), ("http://a:99999/", nil),
            ("http://a b/", nil),
            ("http://a/#x", nil), ("http://a\\@b/", nil), ("http://a/\r\nX: y", nil),
            ("HTTP://a/", nil), ("http://[::1/", nil), ("http://[x]/", nil), ("//a/b", nil),
        ] as [(String, String?)]
    )
    func `has an address of which the path is not shown`(text: String, shown: String?) {
        #expect(WebhookURL(text)?.shown == shown, "\(text)")
    }

    private func changed(_ settings: AlertSettings, _ hook: String) throws -> [Webhook] {
        try settings.changed(by: reader(#"{"rules":[],"webhooks":[\#(hook)]}"#)).settings.webhooks
    }

    @Test func `keeps its secret for its own address only`() throws {
        var settings = AlertSettings()
        let first = #"{"id":"h","url":"http://a/p","secret":"0123456789abcdef"}"#
        settings.webhooks = try changed(settings, first)
        var writer = JSONWriter()
        writer.object { $0.fields(of: settings, secrets: false) }
        let shown = String(decoding: writer.bytes, as: UTF8.self)
        #expect(!shown.contains("0123456789abcdef") && !shown.contains("/p"), "\(shown)")
        for same in [
            #"{"id":"h"}"#, #"{"id":"h","url":"http://a/…"}"#, #"{"id":"h","url":"http://a/p"}"#,
        ] {
            #expect(try changed(settings, same) == settings.webhooks, "\(same)")
        }
        #expect(throws: InputFaults.self) {
            try changed(settings, #"{"id":"h","url":"http://evil/p"}"#)
        }
        #expect(throws: InputFaults.self) {
            try changed(settings, #"{"id":"g","url":"http://a/p"}"#)
        }
    }
}

@Suite struct `A queue of deliveries` {
    private func delivery(_ number: Int) -> DeliveryQueue.Delivery {
        DeliveryQueue.Delivery(id: "\(number)", body: [])
    }

    @Test func `sends one at a time, in order`() {
        var queue = DeliveryQueue()
        for number in 1...3 { queue.add(delivery(number), at: 0) }
        var sent: [String] = []
        while let next = queue.next(at: 0) {
            sent.append(next.id)
            #expect(queue.next(at: 0) == nil)
            queue.note(.status(204), at: 0, date: 0, chance: 0)
        }
        #expect(sent == ["1", "2", "3"])
        #expect(queue.counts.delivered == 3)
    }

    @Test func `waits longer after each failure, up to a minute`() {
        var queue = DeliveryQueue()
        queue.add(delivery(1), at: 0)
        var time: Int64 = 0
        var pauses: [Int64] = []
        for _ in 0..<8 {
            #expect(queue.next(at: time) != nil)
            queue.note(.status(500), at: time, date: 0, chance: 1)
            let start = time
            while !queue.isDue(at: time) { time += 500 }
            pauses.append(time - start)
        }
        #expect(pauses == [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
        #expect(queue.next(at: time) != nil)
        queue.note(.failed("x"), at: time, date: 0, chance: 0)
        #expect(queue.isDue(at: time + 30_000))
        #expect(!queue.isDue(at: time + 29_999))
        #expect(queue.counts.retried == 9)
    }

    @Test(arguments: [
        (200, true), (204, true), (301, true), (400, true), (404, true), (410, true),
        (408, false), (425, false), (429, false), (500, false), (503, false),
    ])
    func `gives up what will never be taken`(status: Int, isDone: Bool) {
        var queue = DeliveryQueue()
        queue.add(delivery(1), at: 0)
        _ = queue.next(at: 0)
        queue.note(.status(status), at: 0, date: 0, chance: 0)
        #expect((queue.count == 0) == isDone)
        #expect(queue.counts.refused == (isDone && status >= 300 ? 1 : 0))
    }

    @Test(arguments: [true, false])
    func `drops the oldest where there is no room, but not what is being sent`(isSending: Bool) {
        var queue = DeliveryQueue()
        queue.add(delivery(0), at: 0)
        if isSending { _ = queue.next(at: 0) }
        for number in 1...DeliveryQueue.limit { queue.add(delivery(number), at: 0) }
        #expect(queue.count == DeliveryQueue.limit)
        #expect(queue.counts.dropped == 1)
        if isSending { queue.note(.status(200), at: 0, date: 0, chance: 0) }
        #expect(queue.next(at: 0)?.id == (isSending ? "2" : "1"))
    }

    @Test func `gives up after a day`() {
        var queue = DeliveryQueue()
        queue.add(delivery(1), at: 0)
        queue.add(delivery(2), at: 1)
        #expect(queue.next(at: DeliveryQueue.patience + 1)?.id == "2")
        #expect(queue.counts.dropped == 1)
    }
}
