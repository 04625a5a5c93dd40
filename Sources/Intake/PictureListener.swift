public import Messages
import Synchronization
public import Transport

/// Takes pictures that others send, and keeps them until they are worked on. Of too many it refuses the latest, so that
/// memory is bounded and who is refused knows.
public final class PictureListener: Sendable {
  /// A request that waits for its answer.
  public struct PendingRequest: Sendable {
    public let request: EstimatorRequest
    fileprivate let peer: Router.Peer
  }

  /// Where it listens, with the port that the system chose where `tcp://HOST:*` was asked for.
  public let endpoint: String
  private let queue: RequestQueue
  private let router: Router

  /// - Parameters:
  ///   - keys: who is let in; nil: whoever reaches the address.
  ///   - onRequest: called when there is something new to take, on a thread of the listener's.
  ///   - log: told where the socket fails or cuts connections.
  /// - Throws: `TransportError`, where the address cannot be had, and `KeyError`.
  public init(
    _ context: Context, listeningAt address: String, keys: ServerKeys? = nil,
    onRequest: @escaping @Sendable () -> Void,
    log: @escaping @Sendable (String) -> Void
  ) throws {
    let queue = RequestQueue()
    self.queue = queue
    var options = Self.options
    options.security = try keys.guarding(context, as: .estimator, log: log)
    router = try Router(context, listeningAt: address, options) { event, outlet in
      switch event {
      case .received(let peer, let bytes):
        if let refusal = queue.add(bytes, from: peer) {
          outlet.send(refusal.encoded(), to: [peer])
        } else {
          onRequest()
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
  public func take() -> PendingRequest? { queue.take() }

  public func answer(_ pending: PendingRequest, _ body: EstimatorReply.Body) {
    router.send(EstimatorReply(pending.request.number, body).encoded(), to: [pending.peer])
  }

  /// Refuses what waits and what comes, sends what is answered, and ends. Whoever loses the connection before an
  /// answer may take it for a refusal.
  public func close() {
    for pending in queue.close() { answer(pending, .refusal(RequestQueue.stopping)) }
    router.close()
  }
}

/// The pictures that wait.
private final class RequestQueue: Sendable {
  private struct State {
    var requests: [PictureListener.PendingRequest] = []
    var isClosed = false
  }

  private static let mostRequests = 256
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
      let waiting = state.requests.reduce(0) { $0 + $1.request.picture.count }
      guard state.requests.count < Self.mostRequests, waiting + request.picture.count <= Self.mostBytes else {
        return .init(.queueFull, "\(state.requests.count) pictures wait already; send it again later")
      }
      state.requests.append(PictureListener.PendingRequest(request: request, peer: peer))
      return nil
    }
    return refusal.map { EstimatorReply(request.number, .refusal($0)) }
  }

  func take() -> PictureListener.PendingRequest? {
    state.withLock { $0.requests.isEmpty ? nil : $0.requests.removeFirst() }
  }

  func close() -> [PictureListener.PendingRequest] {
    state.withLock { state in
      state.isClosed = true
      defer { state.requests = [] }
      return state.requests
    }
  }
}
