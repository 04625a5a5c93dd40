import Foundation

/// A value that several threads share and wait on. `@unchecked`: every access holds the condition's lock.
package final class Monitor<State>: @unchecked Sendable {
  private let condition = NSCondition()
  private var state: State

  package init(_ state: State) { self.state = state }

  /// Changes the value; those that wait look again.
  package func update<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
    condition.lock()
    defer {
      condition.broadcast()
      condition.unlock()
    }
    return try body(&state)
  }

  /// Waits until `body` gives something, at most until `deadline`.
  package func wait<Result>(until deadline: Date? = nil, for body: (inout State) -> Result?) -> Result? {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let result = body(&state) { return result }
      guard let deadline else {
        condition.wait()
        continue
      }
      guard condition.wait(until: deadline) else { return body(&state) }
    }
  }
}
