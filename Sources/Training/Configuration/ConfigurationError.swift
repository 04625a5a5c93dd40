/// What can be wrong with a run's settings.
public enum ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
  case unreadable(source: String)
  case notYAML(source: String, reason: String)
  case unknownKey(String, nearest: String, source: String)
  case noValue(key: String, source: String)
  case badValue(key: String, value: String, allowed: String, source: String)
  case contradiction(String)
  /// `data` is neither a folder nor a list of folders.
  case badFolders(source: String)

  public var description: String {
    switch self {
    case .unreadable(let source): "\(source): cannot be read; check the path"
    case .notYAML(let source, let reason): "\(source): not a configuration in YAML: \(reason)"
    case .unknownKey(let key, let nearest, let source):
      "\(source): unknown key '\(key)'; did you mean '\(nearest)'?"
    case .noValue(let key, let source): "\(source): '\(key)' needs one value"
    case .badValue(let key, let value, let allowed, let source):
      "\(source): '\(key)' cannot be '\(value)': \(allowed)"
    case .contradiction(let text): text
    case .badFolders(let source): "\(source): 'data' needs a folder or a list of folders"
    }
  }
}
