import Foundation
import Messages
import Platform

/// Replays one after the other, on a thread that outlives their processes.
final class ReplayThread: Sendable {
  private struct State {
    var orders: [Replay.Order] = []
    var isClosed = false, isFinished = false
    var thread: NamedThread?
  }

  private let state: Monitor<State>

  /// - Parameter onOutcome: called on the thread.
  /// - Throws: `ThreadError`.
  init(
    folder: URL, onOutcome: @escaping @Sendable (TaskID, Replay.Outcome) -> Void
  ) throws(ThreadError) {
    let state = Monitor(State())
    self.state = state
    let thread = try NamedThread("replays") {
      while let order = Self.next(state) {
        onOutcome(order.task.id, Replay(folder: folder).run(order))
      }
      state.update { $0.isFinished = true }
    }
    state.update { $0.thread = thread }
  }

  func add(_ order: Replay.Order) { state.update { $0.orders.append(order) } }

  /// Waits a while for what is being computed, so that its files do not stay behind; the outcome is dropped.
  func close() {
    state.update { ($0.isClosed, $0.orders) = (true, []) }
    let thread = state.wait(until: .after(5)) { state -> NamedThread? in
      guard state.isFinished else { return nil }
      defer { state.thread = nil }
      return state.thread
    }
    thread?.join()
  }

  private static func next(_ state: Monitor<State>) -> Replay.Order? {
    let next = state.wait { state -> Replay.Order?? in
      if state.isClosed { return .some(nil) }
      return state.orders.isEmpty ? nil : .some(state.orders.removeFirst())
    }
    return next ?? nil
  }
}
