import PlimsollAccess
import Plimsoll
import PlimsollNode
import PlimsollReports
import PlimsollUnits
import PlimsollWire

extension NodeService {
    /// Routes about the node and the book as a whole.
    var nodeRoutes: [Route] {
        [
            Route("GET", "/healthz", nil) { _ throws(Problem) in
                .content(Array("ok\n".utf8), mediaType: "text/plain")
            },
            Route("GET", "/readyz", nil) { [self] _ throws(Problem) in try readiness() },
            Route("GET", "/v1/status", .readBook) { [self] _ throws(Problem) in .json(status()) },
            Route("GET", "/v1/totals", .readBook) { [self] _ throws(Problem) in .json(totals()) },
            Route("GET", "/v1/rulebooks", .readBook) { [self] _ throws(Problem) in
                .json(rulebooks())
            },
        ]
    }

    private func readiness() throws(Problem) -> Reply {
        if let failure = node.failure {
            throw Problem(503, "journal_unavailable", "The node is not ready.", failure)
        }
        return .content(Array("ready\n".utf8), mediaType: "text/plain")
    }

    private func status() -> [UInt8] {
        let (sequence, clock, names) = node.read { engine in
            (engine.sequence, engine.clock, engine.directory)
        }
        var writer = JSONWriter()
        writer.object { object in
            object.field("version", Self.version)
            object.field("venue", ifPresent: names.venues.first)
            object.field("seq", number: sequence)
            object.field("asOf", number: clock.nanoseconds / 1_000_000)
            object.field("durability", node.configuration.durability.rawValue)
            object.field("clock", node.configuration.clock.rawValue)
            object.field("startedAt", number: startedAt)
            object.field("uptime", number: MarginNode.wallClock / 1_000_000 - startedAt)
            object.key("recovery")
            object.object { recovery in
                recovery.field("snapshot", number: node.recovery.snapshot)
                recovery.field("replayed", number: node.recovery.replayed)
                recovery.field(
                    "milliseconds",
                    number: node.recovery.nanoseconds / 1_000_000
                )
                recovery.field("droppedBytes", number: node.recovery.droppedBytes)
                recovery.field("notes", texts: node.recovery.notes)
            }
            object.key("inbox")
            object.object { inbox in
                inbox.field("events", number: node.waiting)
                inbox.field("limit", number: node.configuration.inboxLimit)
            }
            object.field("accounts", number: names.accounts.count)
            object.field("markets", number: names.instruments.count)
            object.field("streams", number: hub.clients)
            object.key("failure")
            if let failure = node.failure { object.string(failure) } else { object.null() }
        }
        return writer.bytes
    }

    private func totals() -> [UInt8] {
        node.read { engine in
            var writer = JSONWriter()
            writer.object { object in
                object.key("items")
                object.array { array in
                    for total in engine.totals() { array.total(total, engine.directory) }
                }
                object.freshness(of: engine)
            }
            return writer.bytes
        }
    }

    private func rulebooks() -> [UInt8] {
        node.read { engine in
            var writer = JSONWriter()
            writer.object { object in
                object.key("items")
                object.array { array in
                    for index in engine.directory.venues.indices {
                        let venue = VenueID(index: Int32(index))
                        guard let rulebook = engine.rulebook(of: venue) else { continue }
                        array.object { entry in
                            entry.field("id", rulebook.id)
                            entry.field("version", rulebook.version)
                            entry.field("hash", rulebook.fingerprint.hex)
                            entry.field("venue", engine.directory.name(venue))
                        }
                    }
                }
                object.freshness(of: engine)
            }
            return writer.bytes
        }
    }
}
