internal import CZeroMQ
import Foundation
import Platform

/// libzmq's state in this process: its input/output thread and all sockets. One is enough for any number of sockets,
/// which keep it alive. `@unchecked`: libzmq's contexts are thread-safe.
public final class Context: @unchecked Sendable {
  let handle: UnsafeMutableRawPointer

  /// Files and threads that libzmq takes for a context and a few sockets: it ends the process where one is refused.
  private static let filesNeeded = 24, threadsNeeded = 3

  /// - Throws: `TransportError`, where the system gives no more threads or files.
  public init() throws(TransportError) {
    do { try Resources.require(files: Self.filesNeeded, threads: Self.threadsNeeded) } catch {
      let code = if case .files = error { EMFILE } else { EAGAIN }
      throw Attempt(.create, "a libzmq context").error(code)
    }
    handle = try Attempt(.create, "a libzmq context").pointer { zmq_ctx_new() }
    // A dealer takes three sockets, and tests and benchmarks run hundreds of them in one process.
    zmq_ctx_set(handle, ZMQ_MAX_SOCKETS, 8192)
  }

  /// Waits for sockets already closed to have lingered.
  deinit { while zmq_ctx_term(handle) == -1 && zmq_errno() == EINTR {} }
}
