import Plimsoll
import PlimsollProto
import PlimsollUnits
import SwiftProtobuf
import TestSupport
import Testing

@testable import PlimsollWire

@Suite struct `Events as Protocol Buffers` {
    private static func bytes(_ events: [Event]) -> [UInt8] {
        var batch = EventBatch()
        for event in events { batch.append(event) }
        return batch.bytes
    }

    private static func events() throws -> [Event] {
        try `Event files`.lines.compactMap { try event($0) }
    }

    @Test(arguments: `Event files`.lines)
    func `are the bytes that the library writes`(line: String) throws {
        let event = try #require(try event(line))
        let message = Plimsoll_V1_Batch.with { $0.events = [Plimsoll_V1_Event(event)] }
        let bytes = Self.bytes([event])
        #expect(bytes == (try message.serializedBytes() as [UInt8]))
        #expect(try EventBatch.events(bytes) == [event])
    }

    @Test func `are read one after the other`() throws {
        let events = try Self.events()
        let bytes = Self.bytes(events)
        #expect(try EventBatch.events(bytes) == events)
        let message = try Plimsoll_V1_Batch(serializedBytes: bytes)
        #expect(message.events.count == events.count)
        #expect(try EventBatch.events([]) == [])
    }

    /// What comes with a rulebook is longer than 127 bytes, so its length takes several.
    @Test func `carry every rulebook that is shipped`() throws {
        let parts = #filePath.split(separator: "/").dropLast(3)
        let folder = "/" + parts.joined(separator: "/") + "/rulebooks"
        let catalog = RulebookCatalog(directories: [folder])
        let paths = catalog.paths(in: folder)
        #expect(paths.count > 5)
        for path in paths {
            let rulebook = try catalog.load(path).rulebook
            let body = Event.Body.rulebookAdopted(
                RulebookAdopted(venue: VenueID(index: 0), rulebook: rulebook)
            )
            let event = Event(time: .zero, body: body)
            let message = Plimsoll_V1_Batch.with { $0.events = [Plimsoll_V1_Event(event)] }
            #expect(Self.bytes([event]) == (try message.serializedBytes() as [UInt8]), "\(path)")
            #expect(try EventBatch.events(Self.bytes([event])) == [event], "\(path)")
        }
    }

    /// Each is the one field of a batch that holds one event with this body.
    @Test(
        arguments: [
            ([0xfa, 0x01, 0x00], "InstrumentPrice, which ends at offset 5, has no instrument"),
            ([0xfa, 0x01, 0x02, 0x08, 0x00], "a number of InstrumentPrice, before offset 7"),
            ([0xfa, 0x01, 0x02, 0x18, 0x01], "Field 3 at offset 6 is not one of InstrumentPrice"),
            ([0xfa, 0x01, 0x02, 0x0d, 0x01], "Field 1 at offset 6 is not one of InstrumentPrice"),
            ([0xfa, 0x01, 0x7f], "The bytes end at offset 5"),
            ([0xfa, 0x01, 0x03, 0x08, 0x01, 0x11], "The bytes end at offset 8"),
            ([0xd2, 0x02, 0x02, 0x08, 0x01], "Field 1 at offset 6 is not one of Ticked"),
            ([0xda, 0x02, 0x00], "Field 43 at offset 4 is not one of Event"),
            ([0x22, 0x01, 0xff, 0xd2, 0x02, 0x00], "text of Event, before offset 5"),
            ([], "Event, which ends at offset 2, has no body"),
            ([0x10, 0x80, 0x80], "Field 2 at offset 3 is not one of Event"),
        ] as [([UInt8], String)]
    )
    func `say what is wrong with them`(event: [UInt8], words: String) {
        var text = ""
        do throws(WireError) {
            _ = try EventBatch.events([0x0a, UInt8(event.count)] + event)
        } catch {
            text = error.description
        }
        #expect(text.contains(words), "\(text)")
    }

    @Test func `end a number after ten bytes`() {
        let long = [UInt8](repeating: 0xff, count: 12)
        #expect(throws: WireError.self) { try EventBatch.events([0x08] + long) }
        #expect(throws: WireError.self) { try EventBatch.events([0x0a] + long) }
    }

    /// Bytes that were changed, left out, doubled or cut are refused, or are other events that the library
    /// reads too.
    @Test(arguments: Seeds.of(1))
    func `may be anything and never trap`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let whole = try Self.events().map { Self.bytes([$0]) }
        var (refused, accepted) = (0, 0)
        for _ in 0..<(Seeds.isSoak ? 50_000 : 10_000) {
            var bytes = random.pick(whole)
            for _ in 0...random.int(0...2) { bytes = random.damaged(bytes) }
            do throws(WireError) {
                let events = try EventBatch.events(bytes)
                accepted += 1
                #expect(try EventBatch.events(Self.bytes(events)) == events)
                #expect(throws: Never.self) {
                    try Plimsoll_V1_Batch(serializedBytes: bytes)
                }
            } catch {
                refused += 1
            }
        }
        #expect(refused > 0 && accepted > 0, "\(refused) refused, \(accepted) accepted")
    }
}
