import Foundation

/// Calls `call` until a signal no longer interrupts it, and throws what `failure` makes of `errno` where it fails. This
/// is the one place that turns return codes of POSIX calls into errors.
@discardableResult
package func checked<Code: SignedInteger, Failure: Error>(
  _ failure: (Int32) -> Failure, _ call: () -> Code
) throws(Failure) -> Code {
  while true {
    let result = call()
    if result >= 0 { return result }
    let code = errno
    if code != EINTR { throw failure(code) }
  }
}

/// The system's own text for an `errno` value.
package func systemText(_ code: Int32) -> String { String(cString: strerror(code)) }

/// The system's own text for why a call failed, without the path, which our errors name themselves.
package func systemCause(_ error: any Error) -> String {
  if case FileError.refused(_, _, let cause) = error { return cause }
  guard let system = (error as NSError).userInfo[NSUnderlyingErrorKey] as? POSIXError else {
    return error.localizedDescription
  }
  return systemText(system.code.rawValue)
}
