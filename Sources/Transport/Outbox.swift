import Synchronization

/// What other threads want sent, in order, for the thread that owns the socket.
final class Outbox<Message: Sendable>: Sendable {
  /// Shut: nobody would get it, so nothing is kept. Closed: shut for good.
  private enum State {
    case shut
    case open([Message])
    case closed([Message])
  }

  private let state: Mutex<State>
  private let wakeUp: WakeUp

  init(isOpen: Bool, _ wakeUp: WakeUp) {
    state = Mutex(isOpen ? .open([]) : .shut)
    self.wakeUp = wakeUp
  }

  /// False where the message is dropped.
  func add(_ message: Message) -> Bool {
    let added = state.withLock { state in
      guard case .open(var messages) = state else { return false }
      state = .shut  // gives up its reference: no copy of the array
      messages.append(message)
      state = .open(messages)
      return true
    }
    if added { wakeUp.signal() }
    return added
  }

  func open() {
    state.withLock { if case .shut = $0 { $0 = .open([]) } }
  }

  func shut() {
    state.withLock { if case .open = $0 { $0 = .shut } }
  }

  /// Takes nothing more; what was added before is still given out.
  func close() {
    state.withLock { state in
      if case .open(let messages) = state { state = .closed(messages) }
      if case .shut = state { state = .closed([]) }
    }
    wakeUp.signal()
  }

  /// All that was added since the last time.
  func take() -> (messages: [Message], isClosed: Bool) {
    state.withLock { state in
      switch state {
      case .shut: return ([], false)
      case .open(let messages):
        state = .open([])
        return (messages, false)
      case .closed(let messages):
        state = .closed([])
        return (messages, true)
      }
    }
  }
}
