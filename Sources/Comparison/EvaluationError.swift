/// What can go wrong in an evaluation; one sentence each.
public enum EvaluationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A folder cannot serve as a benchmark at all.
  case unusableBench(folder: String, reason: String)
  /// One picture of a benchmark is left out.
  case brokenPair(name: String, reason: String)
  /// Another evaluation writes to the same folder.
  case busy(file: String)
  /// The operating system refused; `cause` is its own text.
  case refused(operation: String, file: String, cause: String)
  /// The process that measured one picture ended without saying why.
  case died(name: String, how: String)

  public var description: String {
    switch self {
    case .unusableBench(let folder, let reason): "cannot evaluate on '\(folder)': \(reason)"
    case .brokenPair(let name, let reason): "\(name) is left out: \(reason)"
    case .busy(let file):
      "cannot write '\(file)': another evaluation is writing to it; wait for it, or choose another folder (--out)"
    case .refused(let operation, let file, let cause):
      "cannot \(operation) '\(file)': \(cause); check the path, its permissions and the disk"
    case .died(let name, let how):
      "cannot measure \(name): the process that did \(how); run it again with fewer --jobs"
    }
  }
}
