import Plimsoll
import PlimsollUnits

/// The fills of W3 as events of a feed, over and over: each second time with the sides exchanged, so that positions do
/// not grow.
struct Fills {
    let stream: StreamWorkload
    private let records: [StreamWorkload.Record]
    private static let start: Int64 = 1_700_000_000_000_000_000

    init(folder: String) throws {
        stream = try StreamWorkload(folder: folder)
        records = stream.records.filter { $0.kind == 0 }
    }

    /// The event of a number, from 0.
    func event(_ index: Int) throws -> Event {
        let (round, place) = index.quotientAndRemainder(dividingBy: records.count)
        var record = records[place]
        if round % 2 == 1 { record.amount = -record.amount }
        let time = Timestamp(nanoseconds: Self.start + Int64(index) * 1_000)
        return Event(
            time: time,
            at: time,
            identity: .feed(source: "fills", sequence: UInt64(index) + 1),
            body: try stream.body(record)
        )
    }
}
