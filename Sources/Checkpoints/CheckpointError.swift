/// What can go wrong with a tensor file or a file being written. `description` is one sentence for the
/// user: what could not be done to which file, why, and what to do next.
public enum CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file to read does not exist.
  case missingFile(String)
  /// The operating system refused to read or write; `cause` is its own text.
  case refused(Operation, file: String, cause: String)
  /// The bytes break the safetensors format.
  case notSafeTensors(file: String, cause: String)
  /// The file ends before its header or its data does; `expected` and `actual` count bytes of that part.
  case truncated(file: String, part: Part, expected: Int, actual: Int)
  /// A tensor was asked for that the file does not hold.
  case missingTensor(file: String, name: String)
  /// A tensor holds elements of a type that the caller cannot use.
  case wrongType(file: String, name: String, expected: String, actual: String)
  /// A checkpoint lacks a tensor of the network (`actual` is nil) or holds it in another shape.
  case otherArchitecture(file: String, name: String, expected: [Int], actual: [Int]?)
  /// A checkpoint holds an infinity or a NaN.
  case notFinite(file: String, name: String, index: Int)
  /// libcrypto failed; only a broken installation does this.
  case hashing(call: String)

  public enum Operation: String, Sendable { case read, write }
  public enum Part: String, Sendable { case header, data }

  public var description: String {
    switch self {
    case .missingFile(let file):
      "cannot read \(quoted(file)): there is no such file; check the path"
    case .refused(let operation, let file, let cause):
      "cannot \(operation.rawValue) \(quoted(file)): \(cause); check the path, its permissions and the disk"
    case .notSafeTensors(let file, let cause):
      "cannot read \(quoted(file)): not a valid safetensors file, \(cause); fetch it again, "
        + "or convert a PyTorch checkpoint with scripts/convert_checkpoint.py first"
    case .truncated(let file, let part, let expected, let actual):
      "cannot read \(quoted(file)): it is cut short, \(actual) of \(expected) bytes of its "
        + "\(part.rawValue) are there; copy or fetch it again"
    case .missingTensor(let file, let name):
      "cannot read tensor \(quoted(name)) of \(quoted(file)): the file does not hold it; "
        + "check that it is the right file"
    case .wrongType(let file, let name, let expected, let actual):
      "cannot read tensor \(quoted(name)) of \(quoted(file)): expected \(expected), found \(actual); "
        + "check that it is the right file"
    case .otherArchitecture(let file, let name, let expected, let actual):
      "cannot use checkpoint \(quoted(file)): it is of another network, tensor \(quoted(name)) "
        + (actual.map { "has shape \($0), expected \(expected)" } ?? "of shape \(expected) is missing")
        + "; use a checkpoint that this program or scripts/convert_checkpoint.py wrote"
    case .notFinite(let file, let name, let index):
      "cannot use checkpoint \(quoted(file)): value \(index) of tensor \(quoted(name)) is not finite; "
        + "use an earlier checkpoint or fetch it again"
    case .hashing(let call):
      "cannot compute SHA-256: libcrypto's \(call) failed; check the OpenSSL installation"
    }
  }
}

/// Names may come from a damaged file, so they are cut and escaped: the message stays one short line.
private func quoted(_ text: String) -> String {
  String(reflecting: text.count > 200 ? text.prefix(200) + "..." : text)
}
