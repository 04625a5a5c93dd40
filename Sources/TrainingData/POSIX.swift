import Foundation

/// The one place that turns POSIX return codes into errors; interrupted calls are repeated.
/// - Parameter failure: makes the error from `errno`.
@discardableResult
func checked<Code: SignedInteger>(
  _ failure: (Int32) -> TrainingDataError, _ call: () -> Code
) throws(TrainingDataError) -> Code {
  while true {
    let result = call()
    if result >= 0 { return result }
    let code = errno
    if code != EINTR { throw failure(code) }
  }
}

extension TrainingDataError {
  /// Makes the error for a data file from `errno`.
  static func refusal(of file: String) -> (Int32) -> TrainingDataError {
    { .refused(file: file, cause: systemText($0)) }
  }
}

/// The system's own text for `errno`.
func systemText(_ code: Int32) -> String { String(cString: strerror(code)) }
