import Foundation
import Platform
import Synchronization
import Transport

/// Rung when there may be something to do; those with nothing to do wait for it, and look by themselves now and then.
final class Bell: Sendable {
  private struct State {
    var rings = 0
    var isStopped = false
  }

  private let state = Monitor(State())
  private let lastComplaint = Mutex("")

  /// How often it was rung so far; nil once stopped.
  var rings: Int? { state.update { $0.isStopped ? nil : $0.rings } }

  var ring: @Sendable () -> Void { { [state] in state.update { $0.rings += 1 } } }

  func stop() { state.update { $0.isStopped = true } }

  /// Waits until it is rung once more than `rings`, is stopped, or a second has passed.
  func wait(after rings: Int) {
    _ = state.wait(until: .after(1)) { $0.isStopped || $0.rings > rings ? true : nil }
  }

  /// The same trouble every second is told once.
  func complainOnce(_ line: String) {
    let isNew = lastComplaint.withLock { last -> Bool in
      defer { last = line }
      return last != line
    }
    if isNew { Console.complain(line) }
  }
}
