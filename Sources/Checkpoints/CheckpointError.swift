import Platform

/// What can go wrong with the content of a tensor file. `description` is one sentence for the
/// user: what could not be done to which file, why, and what to do next.
public enum CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The bytes break the safetensors format.
  case notSafeTensors(file: String, cause: String)
  /// The file is of another kind, which its first bytes tell.
  case otherFormat(file: String, OtherFormat)
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

  public enum Part: String, Sendable { case header, data }

  public var description: String {
    switch self {
    case .notSafeTensors(let file, let cause):
      "cannot read \(quoted(file)): not a valid safetensors file, \(cause); fetch it again, "
        + "or convert a PyTorch checkpoint with scripts/convert_checkpoint.py first"
    case .otherFormat(let file, let format):
      "cannot read \(quoted(file)): not a valid safetensors file but \(format.whatItIs); \(format.whatToDo)"
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
    }
  }
}
