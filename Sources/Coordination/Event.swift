public import Messages

/// A connection, as the transport names it. A worker that connects again is another peer.
public typealias Peer = [UInt8]

/// Stands for a result's bytes, which the caller keeps until it is told to fold or discard them.
public struct ResultID: Hashable, Sendable {
  public let number: Int
  public init(_ number: Int) { self.number = number }
}

/// Something that happened outside.
public enum Event: Sendable {
  case registered(Peer, Registration, Credentials = Credentials())
  case canary(Peer, hash: UInt64)
  case heartbeat(Peer, Work?)
  case result(Peer, ResultReport)
  /// A message came that cannot be read.
  case unreadable(Peer, MessageError)
  case goodbye(Peer)
  /// Something for the log.
  case reported(Peer, WorkerReport)
  /// A message could not be sent.
  case unreachable(Peer)
  /// The process that supervises a worker saw it end.
  case died(worker: String, Crash?)
  /// The networks after `step` steps are there, and this is their SHA-256: the round that starts from them may begin.
  case parameters(step: Int, sha256: String)
  case replayed(TaskID, ReplayOutcome)
  /// The run is to stop and be resumed later.
  case interrupted
  /// Time has passed; to be told a few times a second.
  case tick
}

/// A result as the coordinator's process found it.
public struct ResultReport: Sendable {
  public enum Quality: Sendable {
    case sound
    /// Sound, but says that tasks of its block diverged by themselves; the text says which. A replay decides.
    case partial(String)
    /// Well-formed, but not finite or over the bound of its norm; the text says which.
    case unsound(String)
    /// Wrong in length, shape or checksum; the text says which.
    case broken(String)
  }

  public var id: ResultID
  public var origin: Origin
  public var task: TaskID
  /// Over gradient and losses: equal results have equal hashes.
  public var hash: UInt64
  public var quality: Quality

  public init(id: ResultID, origin: Origin, task: TaskID, hash: UInt64, quality: Quality) {
    (self.id, self.origin, self.task, self.hash, self.quality) = (id, origin, task, hash, quality)
  }
}

/// What the coordinator's own computation of a task came to.
public enum ReplayOutcome: Sendable {
  /// `leftOut`: tasks of the block that have diverged by themselves, by their indices within the round.
  case sound(ResultID, hash: UInt64, leftOut: [Int] = [])
  /// Not finite or over the bound: the task has diverged by itself.
  case diverged
  /// Its process ended otherwise; `signal` where one ended it.
  case failed(signal: Int?, String)
}
