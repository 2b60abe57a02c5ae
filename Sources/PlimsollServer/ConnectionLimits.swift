import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Closes connections that keep the server waiting, and those whose answer says that it is the last.
///
/// A head must come within 5 seconds of its first byte, the first one of the connection's beginning; a body within 15,
/// also where nobody reads it because the request was refused. A client that takes nothing of what is written
/// to it is let go after 10 seconds, and nobody keeps a server that ends for more than 3.
final class ConnectionLimits: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private static let headTime = TimeAmount.seconds(5)
    private static let bodyTime = TimeAmount.seconds(15)
    private static let takeTime = TimeAmount.seconds(10)
    private static let endTime = TimeAmount.seconds(3)
    /// How long is read and thrown away after the last answer: to close at once would take back what the client has
    /// not read of it.
    private static let lingerTime = TimeAmount.seconds(1)

    /// What is being read.
    private enum Phase {
        case nothing, head, body
    }

    private var phase = Phase.nothing
    private var reading: Scheduled<Void>?
    private var writing: Scheduled<Void>?
    private var isLastAnswer = false
    private var lingers = false

    func handlerAdded(context: ChannelHandlerContext) {
        let bytes = FirstBytes { [unowned self] context in bytesCame(context) }
        let pipeline = context.pipeline.syncOperations
        do {
            try pipeline.addHandler(bytes, position: .first)
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(HeadChecks(), position: .after(decoder))
        } catch {
            context.close(promise: nil)
        }
        if context.channel.isActive { bytesCame(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        reading?.cancel()
        writing?.cancel()
    }

    func channelActive(context: ChannelHandlerContext) {
        bytesCame(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        reading?.cancel()
        writing?.cancel()
        context.fireChannelInactive()
    }

    /// A head begins where nothing else is being read.
    private func bytesCame(_ context: ChannelHandlerContext) {
        guard phase == .nothing else { return }
        phase = .head
        reading = close(context, in: Self.headTime)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            reading?.cancel()
            phase = .body
            reading = close(context, in: Self.bodyTime)
        case .body: break
        case .end:
            reading?.cancel()
            phase = .nothing
        }
        if !lingers { context.fireChannelRead(data) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head): isLastAnswer = head.headerFields[.connection] == "close"
        case .end where isLastAnswer:
            lingers = true
            context.writeAndFlush(data, promise: promise)
            context.close(mode: .output, promise: nil)
            reading?.cancel()
            reading = close(context, in: Self.lingerTime)
            return
        case .body, .end: break
        }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writing?.cancel()
        writing = context.channel.isWritable ? nil : close(context, in: Self.takeTime)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { _ = close(context, in: Self.endTime) }
        context.fireUserInboundEventTriggered(event)
    }

    private func close(_ context: ChannelHandlerContext, in time: TimeAmount) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: time) { context.close(promise: nil) }
    }
}

/// Tells that bytes have come, before they are taken apart.
private final class FirstBytes: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let came: (ChannelHandlerContext) -> Void

    init(_ came: @escaping (ChannelHandlerContext) -> Void) { self.came = came }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        came(context)
        context.fireChannelRead(data)
    }
}
