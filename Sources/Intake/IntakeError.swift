import Foundation
import Platform

/// What can go wrong with a folder that pictures come in through. `description` is one sentence for the user.
public enum IntakeError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Another process takes pictures from the folder.
  case inUse(folder: String)
  /// The operating system refused; `cause` is its own text.
  case refused(Operation, file: String, cause: String)

  public enum Operation: String, Sendable { case create, list, lock, move, write }

  public var description: String {
    switch self {
    case .inUse(let folder):
      "cannot watch \(quoted(folder)): another estimator takes pictures from it; end that one, or watch another folder"
    case .refused(let operation, let file, let cause):
      "cannot \(operation.rawValue) \(quoted(file)): \(cause); check the path, its permissions and the disk"
    }
  }
}

/// As `Platform.checked`, with the operation and the file named in the error.
@discardableResult
func checked<Code: SignedInteger>(
  _ operation: IntakeError.Operation, of file: String, _ call: () -> Code
) throws(IntakeError) -> Code {
  try Platform.checked({ IntakeError.refused(operation, file: file, cause: systemText($0)) }, call)
}
