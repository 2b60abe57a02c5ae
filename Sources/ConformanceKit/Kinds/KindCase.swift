/// What gives the figures of one vector.
package protocol KindCase {
    /// The figure that the vector names `key`.
    func answer(_ key: String) throws -> Answer
}

extension KindCase {
    /// The failure for a figure that no rule gives.
    package func noRule(_ key: String, _ why: String = "") -> VectorError {
        .failed("no rule gives '\(key)'" + (why.isEmpty ? "" : ": \(why)"))
    }
}
