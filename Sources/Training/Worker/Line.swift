import Messages
import Platform
import Transport

/// The dealer once it is there; its handler may speak before the initialiser has returned it.
final class Line: Sendable {
  private let dealer = Monitor<Dealer?>(nil)

  func connect(_ dealer: Dealer) { self.dealer.update { $0 = dealer } }

  @discardableResult
  func send(_ message: WorkerMessage) -> Bool { dealer.wait { $0 }?.send(message.encoded()) ?? false }
}

/// Calls something regularly on a thread of its own until stopped.
final class Heart: Sendable {
  private let isStopped: Monitor<Bool>
  private let thread: NamedThread

  /// - Parameter seconds: between two calls.
  /// - Throws: `ThreadError`.
  init(every seconds: Double, _ beat: @escaping @Sendable () -> Void) throws(ThreadError) {
    let isStopped = Monitor(false)
    self.isStopped = isStopped
    thread = try NamedThread("heart") {
      while isStopped.wait(until: .after(seconds), for: { $0 ? true : nil }) == nil { beat() }
    }
  }

  /// Once, and not from `beat`: waits for a call under way.
  func stop() {
    isStopped.update { $0 = true }
    thread.join()
  }
}
