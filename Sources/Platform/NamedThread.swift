internal import CLinux
import Foundation

/// A thread with a name, on which all signals are blocked: they belong to the main thread. Its stack is large enough for
/// the networks' recursion-free code, 8 MiB.
package final class NamedThread: Sendable {
  // pthread_t is an integer here, set once before any other thread can see it.
  private let thread: pthread_t

  /// - Parameter name: the kernel shows its first 15 bytes.
  /// - Throws: `ThreadError`, where the system has no thread left.
  package init(_ name: String, _ body: @escaping @Sendable () -> Void) throws(ThreadError) {
    let start = Unmanaged.passRetained(Start(name: name, body: body))
    var thread = pthread_t()
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, 8 << 20)
    let code = pthread_create(&thread, &attributes, { Start.run($0) }, start.toOpaque())
    pthread_attr_destroy(&attributes)
    guard code == 0 else {
      start.release()
      throw ThreadError(name: name, code: code)
    }
    self.thread = thread
  }

  /// Waits for the thread's end. Call `join` or `detach` exactly once.
  package func join() { pthread_join(thread, nil) }

  /// Lets the thread run on by itself.
  package func detach() { pthread_detach(thread) }

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
      clinux_name_thread(String(decoding: start.name.utf8.prefix(15), as: UTF8.self))
      start.body()
      return nil
    }
  }
}

/// The system refused a thread.
package struct ThreadError: Error, Equatable, Sendable, CustomStringConvertible {
  package let name: String
  /// As pthread_create(3) returns it.
  package let code: Int32

  package var description: String {
    "cannot start the thread \(name): \(systemText(code)); raise the number of processes allowed (ulimit -u), or use "
      + "fewer --jobs"
  }
}
