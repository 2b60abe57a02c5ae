import NIOCore
import NIOHTTP1

/// Refuses heads that are well formed, but not one request for everybody who reads them.
///
/// The parser refuses most of what is used to hide a request in another one. It lets through a request without
/// a host or with two, and a length beside a coding that is empty.
final class HeadChecks: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    private var isRefused = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        if case .head(let head) = unwrapInboundIn(data), !Self.allows(head) {
            isRefused = true
            context.fireErrorCaught(HTTPParserError.invalidHeaderToken)
            return
        }
        context.fireChannelRead(data)
    }

    private static func allows(_ head: HTTPRequestHead) -> Bool {
        let hosts = head.headers["host"].count
        guard hosts == 1 || (hosts == 0 && head.version == .http1_0) else { return false }
        return head.headers["transfer-encoding"].isEmpty || head.headers["content-length"].isEmpty
    }
}
