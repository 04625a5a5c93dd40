import Platform

/// What can go wrong with kernels and their files.
public enum DegradationError: Error, Equatable, Sendable, CustomStringConvertible {
  case unreadable(path: String, reason: String)
  case unwritable(path: String, reason: String)
  case side(operation: String, actual: Int, expected: Int)
  case size(width: Int, height: Int, scale: Int)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "cannot read the kernel '\(FileName.shown(path))': \(reason)"
    case .unwritable(let path, let reason):
      "cannot write the kernel '\(FileName.shown(path))': \(reason)"
    case .side(let operation, let actual, let expected):
      "cannot \(operation): the kernel is \(actual)x\(actual), expected \(expected)x\(expected)"
    case .size(let width, let height, let scale) where min(width, height) < scale:
      "cannot degrade a picture of \(width)x\(height) pixels by \(scale): a side is shorter than \(scale)"
    case .size(let width, let height, let scale):
      "cannot degrade a picture of \(width)x\(height) pixels by \(scale): "
        + "crop both sides to multiples of \(scale) first"
    }
  }
}
