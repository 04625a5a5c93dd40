import Foundation
import Platform

/// Why a picture's work failed: for good, or for a reason that may pass.
public enum Setback {
  /// Refusals that the same call meets again whatever an operator does: the name is at fault, or it is no regular
  /// file. All others, a full, broken or read-only disk first of all, may pass.
  private static let lastingCodes = [ENAMETOOLONG, EINVAL, EILSEQ, ELOOP, EISDIR, ENOTDIR]
  private static let passingCodes = [
    ENOSPC, EDQUOT, EROFS, EIO, EACCES, EPERM, EMFILE, ENFILE, ENOMEM, EAGAIN, EBUSY, ESTALE, ETIMEDOUT,
  ]

  /// Whether another try is of no use. Errors that are not the system's are the picture's own, and last.
  public static func isLasting(_ error: any Error) -> Bool {
    if case FileError.refused(_, _, let cause) = error { return !isPassing(cause) }
    // Other modules' errors carry the system's text within their sentence.
    return !passingCodes.contains {
      "\(error)".hasSuffix(systemText($0)) || "\(error)".contains(": \(systemText($0));")
    }
  }

  /// - Parameter cause: the system's text.
  private static func isPassing(_ cause: String) -> Bool {
    !lastingCodes.contains { cause == systemText($0) }
  }
}
