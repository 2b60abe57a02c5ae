import Plimsoll
import PlimsollUnits
@testable import PlimsollWire
import Testing

/// The folder of the shipped rulebooks, seen from this file.
private let shipped: String = {
    let parts = #filePath.split(separator: "/").dropLast(3)
    return "/" + parts.joined(separator: "/") + "/rulebooks"
}()

@Suite struct `An exported rulebook` {
    @Test(arguments: ["binance-usdm", "deribit", "bitmex", "okx-multi", "dydx-v4"])
    func `is read as the rules that it was`(id: String) throws {
        let catalog = RulebookCatalog(directories: [shipped])
        let rulebook = try catalog.load(id).rulebook
        var writer = JSONWriter()
        writer.canonical(rulebook)
        let node = try JSONText.parse(writer.bytes, file: "e")
        let empty = RulebookCatalog(directories: [])
        #expect(try empty.adopted(node, in: "e") == rulebook)
    }

    @Test func `that was changed is refused`() throws {
        let rulebook = try RulebookCatalog(directories: [shipped]).load("bitmex").rulebook
        var writer = JSONWriter()
        writer.canonical(rulebook)
        let text = writer.text
        let start = try #require(text.firstRange(of: "\"canonical\":\"")).upperBound
        for (index, digit) in [(start, "f"), (text.index(start, offsetBy: 40), "g")] {
            var changed = text
            changed.replaceSubrange(index...index, with: digit)
            #expect(changed != text)
            let node = try JSONText.parse(Array(changed.utf8), file: "e")
            #expect(throws: InputFault.self) {
                try RulebookCatalog(directories: []).adopted(node, in: "e")
            }
        }
    }
}

@Suite struct `A moment of an event` {
    @Test(arguments: [
        ("1760131200000", 1_760_131_200_000_000_000), ("0.000001", 1), ("-1.5", -1_500_000),
        ("1760131200000.123456", 1_760_131_200_000_123_456),
    ])
    func `has up to six digits behind the point`(text: String, nanoseconds: Int64) throws {
        let node = try JSONText.parse(Array(text.utf8), file: "e")
        #expect(try NodeReader(node, file: "e").moment().nanoseconds == nanoseconds)
    }

    @Test(arguments: ["1.", "1.0000001", "1.5e3", "\".5x\"", "9300000000000.5"])
    func `is refused in other forms`(text: String) throws {
        let node = Node(.scalar(text, quoted: false), at: Mark(line: 1, column: 1))
        #expect(throws: InputFault.self) { try NodeReader(node, file: "e").moment() }
    }
}
