import Platform

/// What can go wrong in an evaluation; one sentence each.
public enum EvaluationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A folder cannot serve as a benchmark at all.
  case unusableBench(folder: String, reason: String)
  /// One picture of a benchmark is left out.
  case brokenPair(name: String, reason: String)
  /// A folder of another tool's results cannot be used at all.
  case unusableResults(name: String, folder: String, reason: String)
  /// One file of another tool's results is left out.
  case brokenResult(name: String, reason: String)
  /// No row has the name that others are to be compared with.
  case unknownRow(name: String, rows: [String])
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
    case .unusableResults(let name, let folder, let reason):
      "cannot use the results \(FileName.shown(name))=\(FileName.shown(folder)): \(reason)"
    case .brokenResult(let name, let reason): "a result of \(FileName.shown(name)) is left out: \(reason)"
    case .unknownRow(let name, let rows):
      "no row is called '\(FileName.shown(name))'; the rows are \(rows.map { "'\($0)'" }.joined(separator: ", "))"
    case .busy(let file):
      "cannot write '\(file)': another evaluation is writing to it; wait for it, or choose another folder (--out)"
    case .refused(let operation, let file, let cause):
      "cannot \(operation) '\(file)': \(cause); check the path, its permissions and the disk"
    case .died(let name, let how):
      "cannot measure \(name): the process that did \(how); run it again with fewer --jobs"
    }
  }
}
