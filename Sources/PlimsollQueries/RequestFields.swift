package import PlimsollWire

/// What a request brings, as a document that `NodeReader` reads.
package enum RequestFields {
    /// The parameters of a query, by name; `venue`, which says whom to ask, is left to the caller.
    ///
    /// - Throws: that a parameter is there twice.
    package static func query(
        _ parameters: [(name: String, value: String)]
    ) throws(InputFault) -> NodeReader {
        let start = Mark(line: 1, column: 1)
        var entries: [(key: Node, value: Node)] = []
        var names: Set<String> = []
        for (name, value) in parameters where name != "venue" {
            guard names.insert(name).inserted else {
                throw InputFault(
                    file: "query",
                    mark: nil,
                    path: name,
                    problem: "the parameter \(Excerpt.quoted(name)) is there twice.",
                    remedy: "Give it once."
                )
            }
            entries.append(
                (
                    Node(.scalar(name, quoted: false), at: start),
                    Node(.scalar(value, quoted: false), at: start)
                )
            )
        }
        return NodeReader(Node(.mapping(entries), at: start), file: "query")
    }

    /// A body of JSON, which must be an object.
    package static func body(_ bytes: [UInt8]) throws(InputFault) -> NodeReader {
        try NodeReader(mapping: JSONText.parse(bytes, file: "body"), file: "body")
    }
}
