import PlimsollAccess
import Plimsoll
import PlimsollNode
import PlimsollQueries
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
            Route("GET", "/metrics", .readBook) { [self] _ throws(Problem) in
                .content(metrics(), mediaType: "text/plain; version=0.0.4; charset=utf-8")
            },
            Route("GET", "/openapi.json", nil) { [self] _ throws(Problem) in
                .json(OpenAPI(routes).bytes)
            },
            Route("GET", "/v1/status", query: ["digest"], .readBook) {
                [self] call throws(Problem) in
                .json(status(withDigest: call.query["digest"] == "true"))
            },
            Route("GET", "/version", nil) { _ throws(Problem) in
                .json(Array("{\"version\":\"\(NodeService.version)\"}".utf8))
            },
        ]
    }

    private func readiness() throws(Problem) -> Reply {
        // Anybody may ask: why is in the log, and the writer does not wait for those who ask.
        guard node.failure == nil, node.replica.failure == nil else {
            throw Problem(
                503,
                "journal_unavailable",
                "The node is not ready.",
                "Its journal or its replica has failed; the log says why."
            )
        }
        let stale = node.replica.read { engine in
            engine.directory.venues.indices.flatMap {
                engine.stalePrices(of: VenueID(index: Int32($0)))
            }
        }
        guard stale.isEmpty else {
            let names = stale.prefix(10).joined(separator: ", ")
            throw Problem(
                503,
                "stale_price",
                "The node is not ready.",
                "\(stale.count) prices are older than the rules allow: \(names). Look at the feeds."
            )
        }
        return .content(Array("ready\n".utf8), mediaType: "text/plain")
    }

    /// The state of the node.
    ///
    /// The digest is over the whole state: it takes long in a large book.
    func status(withDigest: Bool = false) -> [UInt8] {
        let (sequence, clock, names) = node.read { engine in
            (engine.sequence, engine.clock, engine.directory)
        }
        let mode = node.read { engine in
            engine.directory.venues.isEmpty
                ? nil : engine.mode(of: VenueID(index: 0)).word
        }
        var writer = JSONWriter()
        writer.object { object in
            object.field("version", Self.version)
            object.field("venue", ifPresent: names.venues.first)
            object.field("mode", ifPresent: mode)
            object.field("seq", number: sequence)
            if withDigest {
                object.field("digest", node.replica.read { $0.digest }.hex)
            }
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
            object.key("replica")
            object.object { replica in
                replica.field("seq", number: sequence - min(sequence, node.replica.lag))
                replica.field("lag", number: node.replica.lag)
                if let failure = node.replica.failure { replica.field("failure", failure) }
            }
            object.key("bands")
            if let sample = samples.latest {
                object.object { bands in
                    for band in Band.allCases {
                        bands.field(band.word, number: sample.bands[Int(band.rawValue)])
                    }
                }
            } else {
                object.null()
            }
            object.field("accounts", number: names.accounts.count)
            object.field("markets", number: names.instruments.count)
            object.field("streams", number: hub.clients)
            object.key("feeds")
            object.array { array in
                for (source, feed) in models.feeds.all {
                    array.object { entry in
                        entry.field("source", source)
                        entry.field("sequence", number: feed.sequence)
                        entry.field("lastAt", number: feed.lastAt.nanoseconds / 1_000_000)
                        entry.field("events", number: feed.events)
                        entry.field("refused", number: feed.refused)
                    }
                }
            }
            object.key("journal")
            let journal = node.journal
            object.object { entry in
                entry.field("bytes", number: journal.bytes)
                entry.field("durableSeq", number: journal.durable)
                entry.field("snapshotSeq", number: journal.snapshot)
            }
            object.key("verification")
            object.verification(of: verification, node, findings: false)
            object.field("chain", journal.chain)
            object.field("isDemo", boolean: isDemo)
            object.key("failure")
            if let failure = node.failure { object.string(failure) } else { object.null() }
        }
        return writer.bytes
    }
}
