import Synchronization

/// One order on its way through the queue. It holds the picture only until it is settled or its work ends, whichever
/// comes last, so that memory is counted as long as it is used.
final class WorkJob: Sendable {
  private struct State {
    var work: (@Sendable () throws -> WorkResult)?
    var isBegun = false
    var outcome: Result<WorkResult, any Error>?
    var isSettled = false
    var continuation: CheckedContinuation<WorkResult, any Error>?
  }

  /// The address that it came from.
  let client: String
  let inHand: WorkInHand
  private let state: Mutex<State>

  init(
    client: String, _ inHand: WorkInHand, _ work: @escaping @Sendable () throws -> WorkResult
  ) {
    (self.client, self.inHand) = (client, inHand)
    state = Mutex(State(work: work))
  }

  var isSettled: Bool { state.withLock { $0.isSettled } }
  var isBegun: Bool { state.withLock { $0.isBegun } }

  /// Works, unless it was settled before.
  func run() {
    let work = state.withLock { state -> (@Sendable () throws -> WorkResult)? in
      guard let work = state.work.take() else { return nil }
      state.isBegun = true
      return work
    }
    guard let work else { return }
    settle(Result { try work() })
  }

  /// The first settlement counts. Work that has not begun is dropped, work that runs is asked to stop.
  func settle(_ result: Result<WorkResult, any Error>) {
    let continuation = state.withLock { state -> CheckedContinuation<WorkResult, any Error>? in
      guard !state.isSettled else { return nil }
      (state.isSettled, state.work) = (true, nil)
      if state.continuation == nil { state.outcome = result }
      return state.continuation.take()
    }
    inHand.cancel()
    continuation?.resume(with: result)
  }

  /// Waits until it is settled. Call once.
  func result() async throws -> WorkResult {
    try await withCheckedThrowingContinuation { continuation in
      let outcome = state.withLock { state -> Result<WorkResult, any Error>? in
        guard let outcome = state.outcome.take() else {
          state.continuation = continuation
          return nil
        }
        return outcome
      }
      if let outcome { continuation.resume(with: outcome) }
    }
  }
}
