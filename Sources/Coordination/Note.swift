public import Messages

/// Something worth a line in the log, told when it happens or changes.
public enum Note: Equatable, Sendable, CustomStringConvertible {
  case joined(worker: String, host: String, cores: Int)
  case lost(worker: String, reason: String)
  case rejected(worker: String, Rejection)
  case strike(worker: String, count: Int, reason: String)
  case quarantined(worker: String, reason: String)
  case reissued(TaskID, to: String)
  case replaying(TaskID, ReplayReason)
  case diverged(TaskID)
  case crashed(worker: String, signal: Int, TaskID, marks: Int)
  case restarted(RoundID, because: TaskID)
  /// A worker's own words.
  case reported(worker: String, WorkerReport)
  /// So many words of workers were left out in the last minute.
  case unreported(Int)
  /// So many lines about strangers were left out in the last minute.
  case suppressed(Int)
  /// Nothing can be done until workers come; nil when that is over.
  case waiting(String?)

  public var description: String {
    switch self {
    case .joined(let worker, let host, let cores):
      "worker \(worker) on \(host) joined with \(cores) core\(cores == 1 ? "" : "s")"
    case .lost(let worker, let reason): "worker \(worker) lost: \(reason)"
    case .rejected(let worker, let rejection): "worker \(worker) turned away: \(rejection.explanation)"
    case .strike(let worker, let count, let reason): "strike \(count) for worker \(worker): \(reason)"
    case .quarantined(let worker, let reason): "worker \(worker) quarantined: \(reason)"
    case .reissued(let task, let worker): "\(task) is slow and given to worker \(worker) too"
    case .replaying(let task, let reason): "\(task) is replayed here: \(reason)"
    case .diverged(let task): "\(task) diverged by itself and is left out"
    case .crashed(let worker, let signal, let task, let marks):
      "worker \(worker) died of signal \(signal) on \(task), the task's crash number \(marks)"
    case .restarted(let round, let task):
      "step \(round.step) is done again: the result folded for \(task) was wrong"
    case .reported(let worker, let report):
      report.level == .error
        ? "worker \(worker) has an error: \(report.text)" : "worker \(worker) warns: \(report.text)"
    case .unreported(let count): "\(count) more warnings and errors of workers are left out"
    case .suppressed(let count): "\(count) more lines about workers turned away or lost are left out"
    case .waiting(let reason): reason.map { "waiting: \($0)" } ?? "waiting is over"
    }
  }
}

extension Note {
  /// How much it matters to whoever reads the log.
  public enum Level: Sendable { case info, warning, error }

  public var level: Level {
    switch self {
    case .joined, .replaying, .reissued, .waiting: .info
    case .lost, .rejected, .strike, .quarantined, .diverged, .crashed, .restarted, .suppressed,
      .unreported:
      .warning
    case .reported(_, let report): report.level == .error ? .error : .warning
    }
  }
}

/// How often things happened since the coordinator began.
public struct Counters: Equatable, Sendable {
  /// Results accepted for the fold.
  public var accepted = 0
  /// Results equal to one already there.
  public var duplicates = 0
  /// Results of a round that is over.
  public var late = 0
  /// Results of another run or incarnation, or from peers not (or no longer) registered.
  public var stale = 0
  /// Messages refused as wrong.
  public var broken = 0
  public var reissued = 0
  public var replays = 0
  public var diverged = 0
  public var restarts = 0
  /// Workers lost, for whatever reason.
  public var lost = 0

  public init() {}
}
