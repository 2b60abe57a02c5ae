package import PlimsollAccess

/// One thing that can be asked: method, path, parameters, who may, and what answers.
package struct Route: Sendable {
    /// What a route answers.
    package typealias Handler = @Sendable (Call) async throws(Problem) -> Reply

    /// `GET`, `POST` or `PUT`.
    package var method: String
    /// The path as OpenAPI writes it, such as `/v1/accounts/{id}`.
    package var path: String
    /// Query parameters that it knows; others are refused.
    package var query: [String]
    /// What a key must allow; `nil`: no key is needed.
    package var permission: Permission?
    /// How much of a rate limit a call costs.
    package var weight: Int
    let segments: [Substring]
    let handler: Handler

    package init(
        _ method: String,
        _ path: String,
        query: [String] = [],
        _ permission: Permission?,
        weight: Int = 1,
        _ handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.permission = permission
        self.weight = weight
        self.handler = handler
        segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    }
}

/// All routes, and which of them a path means.
package struct RouteTable: Sendable {
    package let routes: [Route]

    /// What a request's path means.
    enum Match: Sendable {
        case route(Route, captures: [String])
        /// The path is known, but not with this method.
        case otherMethods([String])
        case none
    }

    init(_ routes: [Route]) { self.routes = routes }

    /// Finds the route of a path that is still percent-encoded.
    func match(_ method: String, _ path: Substring) -> Match {
        guard path.first == "/" else { return .none }
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        var others: [String] = []
        for route in routes {
            guard let captures = captures(of: route, segments) else { continue }
            guard route.method == method || (method == "HEAD" && route.method == "GET") else {
                others.append(route.method)
                continue
            }
            return .route(route, captures: captures)
        }
        return others.isEmpty ? .none : .otherMethods(others)
    }

    /// The route that a request means; `nil`: none.
    package func find(_ method: String, _ path: String) -> Route? {
        if case .route(let route, _) = match(method, path[...]) { return route }
        return nil
    }

    private func captures(of route: Route, _ segments: [Substring]) -> [String]? {
        guard route.segments.count == segments.count else { return nil }
        var captures: [String] = []
        for (pattern, segment) in zip(route.segments, segments) {
            if pattern.first == "{" {
                guard let text = PercentEncoding.decoded(segment), !text.isEmpty else { return nil }
                captures.append(text)
            } else if pattern != segment {
                return nil
            }
        }
        return captures
    }
}

/// Percent-encoded text of paths and queries.
enum PercentEncoding {
    /// The text, or `nil` where it is not UTF-8, a `%` is not followed by two digits, or it has a control character.
    static func decoded(_ text: Substring, plusIsSpace: Bool = false) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit),
                    let low = rest.popFirst().flatMap(digit)
                else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x7f }) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    /// The pairs of a query; each name at most once.
    static func query(_ text: Substring) throws(Problem) -> [String: String] {
        var pairs: [String: String] = [:]
        for part in text.split(separator: "&") {
            let ends = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = ends.first.flatMap({ decoded($0, plusIsSpace: true) }),
                let value = decoded(ends.count > 1 ? ends[1] : "", plusIsSpace: true)
            else { throw .malformed("The query is not percent-encoded UTF-8 text.") }
            guard pairs.updateValue(value, forKey: name) == nil else {
                throw .parameter(name, "is given more than once.")
            }
        }
        return pairs
    }
}
