internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore

/// One in each connection's pipeline: tells the handler of a request that the client has gone, and closes connections
/// beyond the client's share. A client that has closed its sending side counts as gone: nobody can tell it from one that
/// has closed both. Used on the connection's event loop alone.
final class ConnectionWatch: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = Any

  private let clients: Clients
  /// Set while the connection counts.
  private var client: String?
  private var isGone = false
  private var onHangUp: (@Sendable () -> Void)?

  init(_ clients: Clients) { self.clients = clients }

  /// Replaces the last callback; calls it at once where the client has gone already.
  func observe(_ onHangUp: (@Sendable () -> Void)?) {
    if isGone { onHangUp?() } else { self.onHangUp = onHangUp }
  }

  func handlerAdded(context: ChannelHandlerContext) { if context.channel.isActive { enter(context) } }

  func channelActive(context: ChannelHandlerContext) {
    enter(context)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    if let client { clients.leave(client) }
    client = nil
    end()
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed? = event as? ChannelEvent { end() }
    context.fireUserInboundEventTriggered(event)
  }

  private func enter(_ context: ChannelHandlerContext) {
    guard client == nil, !isGone else { return }
    let name = Clients.name(of: context.channel.remoteAddress)
    if clients.enter(name) { client = name } else { context.close(promise: nil) }
  }

  private func end() {
    isGone = true
    onHangUp?()
    onHangUp = nil
  }
}

extension Visit {
  /// Calls `body`, on any thread, once the client has gone, at once where it has already.
  func onHangUp(_ body: @escaping @Sendable () -> Void) { observe(body) }

  func forgetHangUp() { observe(nil) }

  private func observe(_ body: (@Sendable () -> Void)?) {
    channel.eventLoop.execute { [channel] in
      guard channel.isActive,
        let watch = try? channel.pipeline.syncOperations.handler(type: ConnectionWatch.self)
      else {
        body?()
        return
      }
      watch.observe(body)
    }
  }
}
