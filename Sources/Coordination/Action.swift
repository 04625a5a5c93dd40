public import Messages

/// Something to be done outside, in the order given.
public enum Action: Equatable, Sendable {
  case send(Order, to: [Peer])
  /// The next result in the round's order, to be added to the sum (or, of an evaluation, noted) and let go of.
  case fold(TaskID, ResultID)
  /// The next task in the round's order has diverged by itself and counts for nothing.
  case leaveOut(TaskID)
  /// Nobody needs these bytes.
  case discard(ResultID)
  /// Compute the task here, in a process of its own, and tell what it comes to.
  case replay(TaskID, ReplayReason)
  /// A folded result was wrong: forget all that this round has folded.
  case restart(RoundID)
  /// All of a round is folded. After a training round `Event.parameters` is awaited.
  case finish(RoundSummary)
  case note(Note)
  /// The run is over; workers were told in an action before.
  case end(End)
}

/// A message to a worker, without its bulk.
public enum Order: Equatable, Sendable {
  case welcome
  /// The networks after so many steps.
  case parameters(step: Int)
  /// `parameters` is nil for a task sent ahead.
  case task(TaskID, parameters: String?)
  case cancel(TaskID)
  case registerAgain
  case reject(Rejection)
  case shutdown(ShutdownReason)
}

public struct RoundSummary: Equatable, Sendable {
  public var round: RoundID
  /// Results folded. Of a training round with none, parameters, moments and Adam's t stay as they are.
  public var valid: Int
  /// Indices of the tasks left out, ascending.
  public var diverged: [Int]

  public init(round: RoundID, valid: Int, diverged: [Int]) {
    (self.round, self.valid, self.diverged) = (round, valid, diverged)
  }
}

public enum ReplayReason: Equatable, Sendable, CustomStringConvertible {
  case unsound(String)
  case differing
  case verification
  /// So many processes are said to have died of it.
  case crashes(Int)

  public var description: String {
    switch self {
    case .unsound(let why): "its gradient is unsound: \(why)"
    case .differing: "two results for it differ"
    case .verification: "it is to be computed twice and there is no second worker on another host"
    case .crashes(let count): "it is said to have crashed \(count) processes"
    }
  }
}

/// How a run ends.
public enum End: Equatable, Sendable, CustomStringConvertible {
  case finished
  case interrupted
  case crashingTask(TaskID, seed: UInt64, crashes: Int)
  case diverging(count: Int, span: Int)
  case replayFailed(TaskID, seed: UInt64, String)

  public var shutdown: ShutdownReason {
    switch self {
    case .finished: .finished
    case .interrupted: .interrupted
    case .crashingTask, .diverging, .replayFailed: .failed
    }
  }

  public var description: String {
    switch self {
    case .finished: "the run has done all its steps"
    case .interrupted: "the run was told to stop; started again it goes on"
    case .crashingTask(let task, let seed, let crashes):
      "the run stops: \(task) (seed \(seed)) crashed \(crashes) processes; "
        + "look into it with metakernelgan replay-task"
    case .diverging(let count, let span):
      "the run stops: \(count) of the last \(span) tasks diverged; lower the learning rates"
    case .replayFailed(let task, let seed, let why):
      "the run stops: \(task) (seed \(seed)) could not be replayed to settle a dispute, \(why); "
        + "look into it with metakernelgan replay-task"
    }
  }
}
