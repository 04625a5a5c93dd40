import Platform

/// What can go wrong between a publisher of checkpoints and those who fetch them. `description` is one sentence for the
/// user: what could not be done, why, and what to do next.
public enum ExchangeError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The text is no `tcp://HOST:PORT[#CHANNEL]`.
  case badSource(String)
  /// A folder to serve runs from cannot be read.
  case noRuns(folder: String, cause: String)
  /// Nobody answers there.
  case unreachable(endpoint: String, seconds: Int)
  /// Part of a file came, and then nothing more for so long.
  case stalled(endpoint: String, received: Int, size: Int, seconds: Int)
  /// The publisher says no; `reason` is its own text.
  case refused(endpoint: String, reason: String, isFinal: Bool)
  /// Whoever answers speaks something else.
  case notAPublisher(endpoint: String, cause: String)
  /// The publisher does not admit this side's key, or is not who it is taken for.
  case notAdmitted(endpoint: String)
  /// All bytes came and are not those of the hash.
  case corrupted(sha256: String, actual: String, endpoint: String)
  /// The operating system refused something in the cache.
  case cache(Operation, file: String, cause: String)
  /// The conversation was ended from this side.
  case closed

  public enum Operation: String, Sendable { case create, read, write, lock }

  public var description: String {
    switch self {
    case .badSource(let text):
      "cannot fetch checkpoints from \(quoted(text)): it is not tcp://HOST:PORT or tcp://HOST:PORT#CHANNEL with "
        + "CHANNEL one of \(channels); correct it"
    case .noRuns(let folder, let cause):
      "cannot serve runs from \(quoted(folder)): \(cause); name a run's folder, or the one that holds such folders"
    case .unreachable(let endpoint, let seconds):
      "cannot fetch checkpoints from \(endpoint): nobody answered for \(seconds) s; check the address, and that "
        + "`metakernelgan serve` runs there"
    case .stalled(let endpoint, let received, let size, let seconds):
      "cannot fetch a checkpoint from \(endpoint): nothing more came for \(seconds) s after \(received) of \(size) "
        + "bytes; try again, it goes on from there"
    case .refused(let endpoint, let reason, _):
      "cannot fetch a checkpoint from \(endpoint): \(reason)"
    case .notAPublisher(let endpoint, let cause):
      "cannot talk to \(endpoint): \(cause)"
    case .notAdmitted(let endpoint):
      "cannot talk to \(endpoint): it does not admit this key, or has another key than --server-key says; have this key's "
        + "public half entered in its --allow file as a reader, and check --server-key"
    case .corrupted(let expected, let actual, let endpoint):
      "cannot use what \(endpoint) sent as checkpoint \(expected.prefix(12)): its SHA-256 is \(actual.prefix(12)); "
        + "it was thrown away, check the publisher's disk and memory"
    case .cache(let operation, let file, let cause):
      "cannot \(operation.rawValue) \(quoted(file)) in the cache: \(cause); free some space, check the permissions, or "
        + "name another folder with --cache"
    case .closed: "cannot go on fetching checkpoints: this side is ending"
    }
  }

  private var channels: String { "[RUN/]latest, best, step:N or sha256:HASH" }
}
