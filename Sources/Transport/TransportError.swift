internal import CZeroMQ
import Foundation

/// A call that libzmq or the system refused. Peers that come, go or break are not errors but events.
public struct TransportError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was being done, for example "listen".
  public let operation: Operation
  /// To what, for example "tcp://127.0.0.1:5555".
  public let object: String
  /// errno, or one of libzmq's own numbers.
  public let code: Int32

  public enum Operation: String, Sendable {
    case create = "create"
    case configure = "configure"
    case listen = "listen at"
    case connect = "connect to"
    case send = "send through"
    case receive = "receive from"
    case wait = "wait for"
  }

  public var description: String {
    "cannot \(operation.rawValue) \(object): \(String(cString: zmq_strerror(code))); \(advice)"
  }

  private var advice: String {
    switch code {
    case EADDRINUSE: "another process uses the address, end it or choose another port"
    case EADDRNOTAVAIL, ENODEV: "no network interface of this machine has the address, check it"
    case EINVAL, EPROTONOSUPPORT: "check that the address reads tcp://HOST:PORT"
    case EACCES: "ports below 1024 need a privilege, choose another"
    case EMFILE, ENFILE: "too many files are open, raise the limit (ulimit -n)"
    default: "check the system's limits and its log"
    }
  }
}

/// What is being done to what, for the error.
struct Attempt {
  let operation: TransportError.Operation
  let object: String

  init(_ operation: TransportError.Operation, _ object: String) {
    (self.operation, self.object) = (operation, object)
  }

  /// The one place that turns return codes into errors; calls that a signal interrupts are repeated.
  @discardableResult
  func check(_ call: () -> Int32) throws(TransportError) -> Int32 {
    while true {
      let result = call()
      if result >= 0 { return result }
      let code = zmq_errno()
      if code != EINTR { throw error(code) }
    }
  }

  /// As `check`, nil where the call fails with one of `codes`, which then is an answer and not an error.
  func check(unless codes: [Int32], _ call: () -> Int32) throws(TransportError) -> Int32? {
    do { return try check(call) } catch { if codes.contains(error.code) { return nil } else { throw error } }
  }

  func pointer(_ call: () -> UnsafeMutableRawPointer?) throws(TransportError) -> UnsafeMutableRawPointer {
    guard let result = call() else { throw error(zmq_errno()) }
    return result
  }

  func error(_ code: Int32) -> TransportError {
    TransportError(operation: operation, object: object, code: code)
  }
}
