import Foundation

/// A thread that computes, and can be waited for.
final class Worker: Sendable {
  private let done = DispatchSemaphore(value: 0)

  init(_ body: @escaping @Sendable () -> Void) {
    let thread = Thread { [done] in
      body()
      done.signal()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  func join() { done.wait() }
}
