/// What can go wrong with an event file. `description` is one sentence for the user: what could not be done to which
/// file, why, and what to do next.
public enum TelemetryError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The system refused to create the file; `cause` is its own text.
  case notCreated(file: String, cause: String)
  /// The system refused to write to the file.
  case notWritten(file: String, cause: String)

  public var description: String {
    switch self {
    case .notCreated(let file, let cause):
      "cannot create event file '\(file)': \(cause); check the folder, its permissions and the disk"
    case .notWritten(let file, let cause):
      "cannot write event file '\(file)': \(cause); "
        + "events are lost until it can be written again, so check the disk"
    }
  }
}
