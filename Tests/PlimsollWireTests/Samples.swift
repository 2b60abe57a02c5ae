@testable import Plimsoll
import PlimsollUnits
import PlimsollWire

/// The text of the fault that `body` throws; empty if it throws none.
func message<Value>(_ body: () throws(InputFault) -> Value) -> String {
    do {
        _ = try body()
        return ""
    } catch {
        return error.description
    }
}

func parse(json text: String) throws(InputFault) -> Node {
    try JSONText.parse(Array(text.utf8), file: "a.json")
}

func parse(yaml text: String) throws(InputFault) -> Node {
    try YAMLText.parse(Array(text.utf8), file: "a.yaml")
}

extension Node {
    /// A short form of the value for comparisons: `{a: "x", b: [1, null]}`.
    var outline: String {
        switch content {
        case .scalar(let text, let quoted): quoted ? "\"\(text)\"" : text
        case .sequence(let nodes): "[\(nodes.map(\.outline).joined(separator: ", "))]"
        case .mapping(let entries):
            "{\(entries.map { "\($0.key.outline): \($0.value.outline)" }.joined(separator: ", "))}"
        case .null: "null"
        }
    }
}

/// The names `demo`: USDT, BTC, BTCUSDT, outside, alice and bob; optionally a second venue.
func sampleDirectory(venues: Int = 1) -> Directory {
    var directory = Directory()
    for index in 0..<venues {
        let venue = directory.add(venue: index == 0 ? "demo" : "other")
        for asset in ["USDT", "BTC"] { _ = directory.add(asset: asset, in: venue) }
        for symbol in ["BTCUSDT", "ETHUSDT"] { _ = directory.add(instrument: symbol, in: venue) }
        for account in ["outside", "alice", "bob"] {
            _ = directory.add(account: account, in: venue)
        }
    }
    return directory
}

let sampleRulebook = Rulebook(id: "binance-usdm", version: "1", currency: "USD")

let sampleReader = EventReader(file: "e.ndjson") { (node, file) throws(InputFault) in
    let id = try NodeReader(node, file: file, path: "rulebook").name()
    guard id == sampleRulebook.id else {
        throw NodeReader(node, file: file, path: "rulebook").fault(
            "there is no rulebook '\(id)'.",
            remedy: "Use 'binance-usdm'."
        )
    }
    return sampleRulebook
}

func event(
    _ line: String,
    number: Int = 1,
    directory: Directory = sampleDirectory(),
    clock: Timestamp = .zero
) throws(InputFault) -> Event? {
    try sampleReader.event(
        Array(line.utf8),
        number: number,
        directory: directory,
        clock: clock
    )
}
