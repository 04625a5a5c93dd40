internal import CZeroMQ
import Foundation

/// A named thread that can be joined, on which all signals are blocked: they belong to the main thread.
final class SocketThread: Sendable {
  // pthread_t is an integer here, set once before any other thread can see it.
  private let thread: pthread_t

  init(name: String, _ body: @escaping @Sendable () -> Void) throws(TransportError) {
    let start = Unmanaged.passRetained(Start(name: name, body: body))
    var thread = pthread_t()
    let code = pthread_create(&thread, nil, { Start.run($0) }, start.toOpaque())
    guard code == 0 else {
      start.release()
      throw Attempt(.create, "the thread \(name)").error(code)
    }
    self.thread = thread
  }

  /// Waits for the thread's end; once.
  func join() { pthread_join(thread, nil) }

  private final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) { (self.name, self.body) = (name, body) }

    static func run(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
      guard let argument else { return nil }
      let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
      var signals = sigset_t()
      sigfillset(&signals)
      pthread_sigmask(SIG_BLOCK, &signals, nil)
      // The kernel takes 15 bytes.
      pthread_setname_np(pthread_self(), String(start.name.prefix(15)))
      start.body()
      return nil
    }
  }
}
