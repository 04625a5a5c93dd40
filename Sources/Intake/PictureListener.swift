public import Messages
import Synchronization
public import Transport

/// Takes pictures that others send, and keeps them until they are worked on. Of too many it refuses the latest, so that
/// memory is bounded and who is refused knows.
public final class PictureListener: Sendable {
  public struct Order: Sendable {
    public let request: EstimatorRequest
    fileprivate let peer: Router.Peer
  }

  /// Where it listens, with the port that the system chose where `tcp://HOST:*` was asked for.
  public let endpoint: String
  private let queue: OrderQueue
  private let router: Router

  /// - Parameters:
  ///   - keys: who is let in; nil: whoever reaches the address.
  ///   - onOrder: called when there is something new to take, on a thread of the listener's.
  ///   - log: told where the socket fails or cuts connections.
  /// - Throws: `TransportError`, where the address cannot be had, and `KeyError`.
  public init(
    _ context: Context, listeningAt address: String, keys: ServerKeys? = nil,
    onOrder: @escaping @Sendable () -> Void,
    log: @escaping @Sendable (String) -> Void
  ) throws {
    let queue = OrderQueue()
    self.queue = queue
    var options = Self.options
    options.security = try keys.guarding(context, as: .estimator, log: log)
    router = try Router(context, listeningAt: address, options) { event, outlet in
      switch event {
      case .received(let peer, let bytes):
        if let refusal = queue.add(bytes, from: peer) {
          outlet.send(refusal.encoded(), to: [peer])
        } else {
          onOrder()
        }
      case .failed(let error): log("\(error); no pictures can be sent any more, start this program again")
      case .dropped(let line): log(line)
      case .arrived, .malformed, .unreachable: break
      }
    }
    endpoint = router.endpoint
  }

  private static var options: SocketOptions {
    var options = SocketOptions()
    options.largestMessage = EstimatorRequest.largestPicture + 1024
    // A client may send some large pictures at once.
    options.budget.total = 320 << 20
    options.budget.share = options.budget.total
    return options
  }

  /// The next picture, in the order they came; nil where none waits.
  public func take() -> Order? { queue.take() }

  public func answer(_ order: Order, _ body: EstimatorReply.Body) {
    router.send(EstimatorReply(order.request.number, body).encoded(), to: [order.peer])
  }

  /// Refuses what waits and what comes, sends what is answered, and ends. Whoever loses the connection before an
  /// answer may take it for a refusal.
  public func close() {
    for order in queue.close() { answer(order, .refusal(OrderQueue.stopping)) }
    router.close()
  }
}

/// The pictures that wait.
private final class OrderQueue: Sendable {
  private struct State {
    var orders: [PictureListener.Order] = []
    var isClosed = false
  }

  private static let mostOrders = 256
  private static let mostBytes = 256 << 20

  static let stopping = EstimatorReply.Refusal(
    .stopping, "this estimator is ending; send the picture again, to another or later")

  private let state = Mutex(State())

  /// The refusal of what cannot be taken, nil where it was.
  func add(_ bytes: UnsafeRawBufferPointer, from peer: Router.Peer) -> EstimatorReply? {
    let request: EstimatorRequest
    do { request = try EstimatorRequest(decoding: bytes) } catch {
      return EstimatorReply(0, .refusal(.init(.unreadableOrder, "\(error)")))
    }
    let refusal = state.withLock { state -> EstimatorReply.Refusal? in
      if state.isClosed { return Self.stopping }
      let waiting = state.orders.reduce(0) { $0 + $1.request.picture.count }
      guard state.orders.count < Self.mostOrders, waiting + request.picture.count <= Self.mostBytes else {
        return .init(.queueFull, "\(state.orders.count) pictures wait already; send it again later")
      }
      state.orders.append(PictureListener.Order(request: request, peer: peer))
      return nil
    }
    return refusal.map { EstimatorReply(request.number, .refusal($0)) }
  }

  func take() -> PictureListener.Order? {
    state.withLock { $0.orders.isEmpty ? nil : $0.orders.removeFirst() }
  }

  func close() -> [PictureListener.Order] {
    state.withLock { state in
      state.isClosed = true
      defer { state.orders = [] }
      return state.orders
    }
  }
}
