package import Plimsoll
import PlimsollReports
package import PlimsollWire

/// Which rulebooks are in force: `GET /v1/rulebooks`.
package struct RulebookList: QueryAnswer {
    /// A rulebook and the venue that has adopted it.
    package struct Item: Hashable, Sendable {
        package var rulebook: AnswerStamp.Rules
        package var venue: String
    }

    /// One for each venue that has adopted one.
    package let items: [Item]

    /// The rulebooks of all venues.
    package init(_ engine: Engine) {
        items = engine.directory.venues.enumerated().compactMap { index, name in
            AnswerStamp(engine, VenueID(index: Int32(index)), stale: []).rulebook.map {
                Item(rulebook: $0, venue: name)
            }
        }
    }

    package func write(to json: inout JSONWriter) {
        json.object { object in
            object.key("items")
            object.array { list in
                for item in items {
                    list.object { entry in
                        entry.field("id", item.rulebook.id)
                        entry.field("version", item.rulebook.version)
                        entry.field("hash", item.rulebook.hash)
                        entry.field("venue", item.venue)
                    }
                }
            }
        }
    }
}

/// The rules of one rulebook: `GET /v1/rulebooks/{id}`, as `plimsoll rules show --json`.
package struct RulebookAnswer: QueryAnswer {
    private let hash: String
    private let contents: RulebookValue

    /// The rulebook of this id that a venue has adopted: as an engine keeps it, without its sources.
    package init(_ engine: Engine, id: String) throws(QueryFault) {
        let adopted = engine.directory.venues.indices.compactMap {
            engine.rulebook(of: VenueID(index: Int32($0)))
        }
        guard let rulebook = adopted.first(where: { $0.id == id }) else {
            throw .notFound(
                problem: "no venue has adopted a rulebook \(Excerpt.quoted(id)).",
                remedy: Spelling.nearest(to: id, among: adopted.map(\.id)).map {
                    "Did you mean '\($0)'?"
                } ?? "Ask for one of the list."
            )
        }
        hash = rulebook.fingerprint.hex
        contents = rulebook.contents
    }

    /// The same from a file, with its sources.
    package init(_ loaded: LoadedRulebook) {
        hash = loaded.rulebook.fingerprint.hex
        contents = loaded.contents
    }

    package func write(to json: inout JSONWriter) {
        json.object { object in
            object.field("hash", hash)
            object.fields(of: contents)
        }
    }
}
