import Foundation
import Messages
import Platform
import Transport

/// A conversation with a publisher that outlives connections: what was asked over a broken one is asked again. Used by
/// one thread; `close` may be called from any.
final class PublisherConnection: Sendable {
  let endpoint: String
  private let dealer: Dealer
  fileprivate let state: Monitor<State>

  fileprivate struct State {
    var isConnected = false
    var isClosed = false
    /// Of the present connection, in the order they came.
    var replies: [PublisherReply] = []
    var failure: ExchangeError?
    var lastNumber: UInt64 = 0
  }

  /// Begins to connect, whether or not anybody is there yet.
  /// - Throws: `TransportError`, where the address cannot be one.
  init(_ context: Context, to endpoint: String, _ security: Security = .none) throws(TransportError) {
    let state = Monitor(State())
    (self.endpoint, self.state) = (endpoint, state)
    var options = SocketOptions()
    options.largestMessage = 16 << 20
    options.linger = .zero
    options.security = security
    dealer = try Dealer(context, connectingTo: endpoint, options) { event in
      state.update { $0.take(event, endpoint) }
    }
  }

  deinit { close() }

  /// Ends what waits with `ExchangeError.closed`.
  func close() {
    state.update { $0.isClosed = true }
    dealer.close()
  }

  /// Asks, again after each loss of the connection, until there is an answer.
  ///
  /// - Throws: `ExchangeError.unreachable` after `seconds` without one, `.refused`, `.notAPublisher`, `.closed`.
  func ask(_ body: PublisherRequest.Body, within seconds: Double) throws(ExchangeError) -> PublisherReply.Body
  {
    let deadline = Deadline.after(seconds)
    while true {
      guard let number = try send(body, until: deadline) else {
        throw .unreachable(endpoint: endpoint, seconds: Int(seconds.rounded()))
      }
      switch try reply(until: deadline, { $0.number == number }) {
      case .refusal(let refusal): throw refused(refusal)
      case .some(let body): return body
      case nil:
        // The connection was lost, or the time is up.
        guard Deadline.now < deadline else {
          throw .unreachable(endpoint: endpoint, seconds: Int(seconds.rounded()))
        }
      }
    }
  }

  func refused(_ refusal: PublisherReply.Refusal) -> ExchangeError {
    .refused(endpoint: endpoint, reason: refusal.explanation, isFinal: refusal.reason == .unreadableRequest)
  }

  /// Sends over the first connection that there is.
  /// - Returns: the request's number; nil where there was no connection until the deadline.
  func send(_ body: PublisherRequest.Body, until deadline: Deadline) throws(ExchangeError) -> UInt64? {
    while true {
      let next = state.wait(until: deadline) { state -> Result<UInt64, ExchangeError>? in
        if let failure = state.ending { return .failure(failure) }
        guard state.isConnected else { return nil }
        state.lastNumber += 1
        return .success(state.lastNumber)
      }
      guard let number = try next?.get() else { return nil }
      if dealer.send(PublisherRequest(number, body).encoded()) { return number }
      // The connection went in this moment; its event is on the way.
      Thread.sleep(forTimeInterval: 0.01)
    }
  }

  /// The first reply that `isWanted`; others before it are dropped. Nil where the connection was lost, or at the
  /// deadline.
  func reply(
    until deadline: Deadline, _ isWanted: (PublisherReply) -> Bool
  ) throws(ExchangeError) -> PublisherReply.Body? {
    let found = state.wait(until: deadline) { state -> Result<PublisherReply.Body?, ExchangeError>? in
      if let failure = state.ending { return .failure(failure) }
      while !state.replies.isEmpty {
        let reply = state.replies.removeFirst()
        if isWanted(reply) { return .success(reply.body) }
      }
      return state.isConnected ? nil : .success(nil)
    }
    return try found?.get() ?? nil
  }
}

extension PublisherConnection.State {
  /// Why there is nothing to wait for.
  fileprivate var ending: ExchangeError? { isClosed ? .closed : failure }

  /// On the socket's thread.
  fileprivate mutating func take(_ event: Dealer.Event, _ endpoint: String) {
    switch event {
    case .connected:
      (isConnected, replies) = (true, [])
      if case .notAdmitted = failure { failure = nil }
    case .disconnected: (isConnected, replies) = (false, [])
    case .refused: failure = .notAdmitted(endpoint: endpoint)
    case .failed(let error): failure = .notAPublisher(endpoint: endpoint, cause: "\(error)")
    case .received(let bytes):
      do { replies.append(try PublisherReply(decoding: bytes)) } catch {
        failure = .notAPublisher(endpoint: endpoint, cause: "\(error)")
      }
    }
  }
}
