import Platform

/// What the socket's thread has taken in and the handler has not yet seen. The socket's thread never waits here: whoever
/// sends more than is handled loses the connection, and with it what waits of its messages.
///
/// Peers take turns, one message each, so that one that sends a million does not keep the others waiting.
final class Arrivals: Sendable {
  enum Item {
    case arrived(Router.Origin)
    /// A message's frames without the peer's name.
    case message([MessageFrame])
    case unreachable
    case dropped(String)
  }

  private struct Queue {
    var items = FIFO<(item: Item, cost: Int)>()
    var cost = 0
  }

  // Frames are handed from one thread to the other whole; each is used by one thread at a time.
  private struct State: @unchecked Sendable {
    var queues: [Router.Peer: Queue] = [:]
    /// Peers with something queued, in the order of their turns.
    var turns = FIFO<Router.Peer>()
    var cost = 0
    var failure: TransportError?
    var isClosed = false
  }

  private let budget: Budget
  private let state = Monitor(State())

  init(_ budget: Budget) { self.budget = budget }

  /// Puts a peer's item into its queue.
  ///
  /// - Returns: the peer that holds too much now and is to be disconnected.
  func add(_ item: Item, of peer: Router.Peer, bytes: Int = 0) -> Router.Peer? {
    let cost = bytes + Budget.overhead
    return state.update { state in
      guard !state.isClosed else { return nil }
      var queue = state.queues.removeValue(forKey: peer) ?? Queue()
      if queue.items.isEmpty { state.turns.append(peer) }
      queue.items.append((item, cost))
      queue.cost += cost
      state.cost += cost
      let isOver = queue.cost > budget.share
      state.queues[peer] = queue
      if isOver { return peer }
      guard state.cost > budget.total else { return nil }
      return state.queues.max { $0.value.cost < $1.value.cost }?.key
    }
  }

  /// Lets go of all that waits of this peer.
  func forget(_ peer: Router.Peer) {
    state.update { state in
      // Its turn comes and finds nothing.
      guard let queue = state.queues[peer] else { return }
      state.queues[peer] = Queue()
      state.cost -= queue.cost
    }
  }

  func fail(_ error: TransportError) { state.update { $0.failure = error } }

  /// What waits is dropped, and `next` gives nil.
  func close() {
    state.update { state in
      state = State()
      state.isClosed = true
    }
  }

  enum Next {
    case item(Router.Peer, Item)
    case failed(TransportError)
  }

  /// Waits for the next item; nil once closed.
  func next() -> Next? {
    state.wait { state -> Next?? in
      if state.isClosed { return .some(nil) }
      while let peer = state.turns.removeFirst() {
        guard var queue = state.queues.removeValue(forKey: peer), let first = queue.items.removeFirst() else {
          continue
        }
        queue.cost -= first.cost
        state.cost -= first.cost
        if !queue.items.isEmpty {
          state.queues[peer] = queue
          state.turns.append(peer)
        }
        return .item(peer, first.item)
      }
      guard let failure = state.failure else { return nil }
      state.failure = nil
      return .failed(failure)
    } ?? nil
  }
}
