/// What can go wrong with reading, writing or hashing a file. `description` is one sentence for the user: what could not
/// be done to which file, why, and what to do next.
public enum FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file to read does not exist.
  case missing(String)
  /// The operating system refused to read or write; `cause` is its own text.
  case refused(Operation, file: String, cause: String)
  /// libcrypto failed; only a broken installation does this.
  case hashing(call: String)

  public enum Operation: String, Sendable { case read, write }

  public var description: String {
    switch self {
    case .missing(let file):
      "cannot read \(quoted(file)): there is no such file; check the path"
    case .refused(let operation, let file, let cause):
      "cannot \(operation.rawValue) \(quoted(file)): \(cause); check the path, its permissions and the disk"
    case .hashing(let call):
      "cannot compute SHA-256: libcrypto's \(call) failed; check the OpenSSL installation"
    }
  }
}
