import Platform

/// What can go wrong around a training's processes.
public enum TrainingError: Error, Equatable, Sendable, CustomStringConvertible {
  case incompleteOrder(file: String)
  /// The run's checkpoint was trained with another value of a setting.
  case otherSettings(file: String, key: String, saved: String, asked: String)
  /// The run's checkpoint was trained on other pictures.
  case otherData(file: String, saved: String, actual: String)
  /// The settings name a checkpoint to begin with, and no file.
  case noStart(sha256: String)
  /// The file to begin with is not the checkpoint that the settings name.
  case otherStart(file: String, sha256: String, actual: String)
  /// The file by which the run's messages are told from those of others holds no name.
  case damagedIdentifier(file: String)
  /// All workers of this machine have ended for good, and none is connected from elsewhere.
  case deserted(reason: String)

  public var description: String {
    switch self {
    case .damagedIdentifier(let file):
      "\(quoted(file)) does not hold one name of 1 to 100 visible ASCII characters; delete it, and the run gets a new one"
    case .deserted(let reason):
      "the run stops: \(reason), and no worker is connected; its checkpoint is written, see the log, and start it again"
    case .incompleteOrder(let file): "\(file): holds no whole order for a replay"
    case .otherSettings(let file, let key, let saved, let asked):
      "\(file) was trained with \(key) \(saved), not \(asked); train in another folder, or go on with --force"
    case .otherData(let file, let saved, let actual):
      "\(file) was trained on other pictures (fingerprint \(saved.prefix(12)), now \(actual.prefix(12))); "
        + "name the same --data, train in another folder, or go on with --force"
    case .noStart(let sha256):
      "the run begins with the checkpoint of SHA-256 \(sha256.prefix(12)); name its file by --start"
    case .otherStart(let file, let sha256, let actual):
      "\(file) has SHA-256 \(actual.prefix(12)), and the run begins with \(sha256.prefix(12)); name that checkpoint's file"
    }
  }
}
