import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import PlimsollAccess

/// The service over HTTP: reads requests within limits, checks keys, writes answers.
struct HTTPResponderOverService: HTTPResponder {
    typealias Context = NodeRequestContext

    let service: NodeService
    let log: AccessLog

    /// The largest body.
    static let bodyLimit = 1 << 20
    /// How long a body may take.
    static let bodyTime = Duration.seconds(10)

    func respond(to request: Request, context: Context) async throws -> Response {
        let requestID = Self.requestID(request)
        var response: Response
        var seen = AccessLog.Seen()
        do throws(Problem) {
            response = try await answer(request, context, &seen)
        } catch {
            response = Self.response(error)
        }
        response.headers[.requestID] = requestID
        response.headers[.contentTypeOptions] = "nosniff"
        response.headers[.cacheControl] = response.headers[.cacheControl] ?? "no-store"
        if request.method == .head {
            response = Response(status: response.status, headers: response.headers)
        }
        log.note(seen, request, response, id: requestID, from: context.address)
        return response
    }

    private func answer(
        _ request: Request,
        _ context: Context,
        _ seen: inout AccessLog.Seen
    ) async throws(Problem) -> Response {
        let target = request.head.path ?? "/"
        let end = target.firstIndex(of: "?") ?? target.endIndex
        let path = target[..<end]
        let query = end < target.endIndex ? target[target.index(after: end)...] : ""
        let route: Route
        let captures: [String]
        switch service.routes.match(request.method.rawValue, path) {
        case .route(let found, let values): (route, captures) = (found, values)
        case .otherMethods(let methods):
            throw Problem(
                405,
                "method_not_allowed",
                "The path is known, but not with this method.",
                "Use \(methods.joined(separator: " or "))."
            )
        case .none:
            throw .notFound("There is nothing at this path; /openapi.json lists all routes.")
        }
        seen.route = route
        let (principal, body) = try await admit(request, target, context.address, route, &seen)
        var call = Call(principal: principal)
        call.captures = captures
        call.query = try PercentEncoding.query(query)
        if let unknown = call.query.keys.filter({ !route.query.contains($0) }).sorted().first {
            throw .parameter(
                unknown,
                route.query.isEmpty
                    ? "is unknown; this path has none."
                    : "is unknown; there is \(route.query.joined(separator: ", "))."
            )
        }
        call.body = body
        call.mediaType = Self.mediaType(request)
        call.lastEventID = request.headers[.lastEventID]
        guard let principal else { return service.response(try await route.handler(call)) }
        let weight = route.weight + (call.isOfPast ? Call.pastWeight : 0)
        let allowance = try service.gate.take(weight, of: principal)
        var response = service.response(try await route.handler(call))
        response.headers[.rateLimit] = "\(allowance.limit)"
        response.headers[.rateRemaining] = "\(allowance.remaining)"
        response.headers[.rateReset] = "\(allowance.reset)"
        return response
    }

    /// Who asks and what they send; a body is read only of those who may send one.
    private func admit(
        _ request: Request,
        _ target: String,
        _ address: String,
        _ route: Route,
        _ seen: inout AccessLog.Seen
    ) async throws(Problem) -> (principal: Principal?, body: [UInt8]) {
        guard let permission = route.permission else { return (nil, []) }
        let claim = Gate.claim(request.headers)
        var body: [UInt8] = []
        if case .signed = claim { body = try await Self.body(of: request) }
        let principal = try service.gate.principal(
            claim,
            method: request.method.rawValue,
            target: target,
            body: body,
            address: address
        )
        seen.principal = principal
        guard principal.allows(permission) else {
            throw .forbidden("A key with the role '\(principal.role.rawValue)' does not do this.")
        }
        if case .bearer = claim { body = try await Self.body(of: request) }
        return (principal, body)
    }

    private static func mediaType(_ request: Request) -> String {
        let text = request.headers[.contentType] ?? ""
        return text.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
    }

    /// What the client calls the request, or a new number.
    private static func requestID(_ request: Request) -> String {
        if let given = request.headers[.requestID], (1...64).contains(given.utf8.count),
            given.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        {
            return given
        }
        return String(UInt64.random(in: .min ... .max), radix: 16)
    }

    /// The body, in time and within its limit.
    private static func body(of request: Request) async throws(Problem) -> [UInt8] {
        if request.headers[.contentEncoding] != nil {
            throw Problem(
                415,
                "compressed",
                "Compressed bodies are not taken.",
                "Send the body as it is."
            )
        }
        let tooLarge = Problem(
            413,
            "too_large",
            "The body is too large.",
            "A body has at most \(bodyLimit) bytes. Send fewer events at once."
        )
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > bodyLimit {
            throw tooLarge
        }
        let body = request.body
        let read = await withTaskGroup(of: Result<[UInt8], Problem>?.self) { group in
            group.addTask {
                do {
                    let buffer = try await body.collect(upTo: bodyLimit)
                    return .success(Array(buffer.readableBytesView))
                } catch is NIOTooManyBytesError {
                    return .failure(tooLarge)
                } catch {
                    return .failure(.malformed("The body ended early."))
                }
            }
            group.addTask {
                do {
                    try await Task.sleep(for: bodyTime)
                    return .failure(
                        Problem(
                            408,
                            "too_slow",
                            "The body came too slowly.",
                            "A body must come within \(bodyTime.components.seconds) seconds."
                        )
                    )
                } catch {
                    return nil
                }
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        guard let read else { throw .malformed("The body could not be read.") }
        return try read.get()
    }

    /// A problem as a response.
    static func response(_ problem: Problem) -> Response {
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        if let seconds = problem.retryAfter { headers[.retryAfter] = "\(seconds)" }
        if problem.status == 401 { headers[.wwwAuthenticate] = "Bearer" }
        // What was not read of a body must not be taken for the next request.
        if [408, 413].contains(problem.status) { headers[.connection] = "close" }
        return Response(
            status: .init(code: problem.status),
            headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: problem.bytes))
        )
    }
}

extension HTTPField.Name {
    static let requestID = constant("X-Request-Id")
    static let contentTypeOptions = constant("X-Content-Type-Options")
    static let lastEventID = constant("Last-Event-ID")

    static func constant(_ name: String) -> Self {
        guard let name = Self(name) else {
            preconditionFailure("Invariant: '\(name)' is a header's name")
        }
        return name
    }
}

/// A request's context: where it comes from.
struct NodeRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The address of the client, without its port.
    let address: String

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        address = source.channel.remoteAddress?.ipAddress ?? "local"
    }
}
