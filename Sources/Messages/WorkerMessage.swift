/// What a worker says to its coordinator.
public enum WorkerMessage: Equatable, Sendable {
  case registration(Registration)
  /// XXH3 of the canary's result, as `TaskResult.checksum` computes it.
  case canary(hash: UInt64)
  /// Sent every second, and whenever a task begins; nil when idle.
  case heartbeat(Work?)
  case result(TaskResult)
  /// Something for the coordinator's log.
  case report(WorkerReport)
  /// The worker leaves in good order.
  case goodbye
}

/// A worker's introduction, sent on every new connection.
public struct Registration: Equatable, Sendable {
  /// Unique among workers; kept when the supervising process starts the computing one again. As all names here: 1 to
  /// 100 visible ASCII characters.
  public var worker: String
  public var programVersion: String
  /// SHA-256 over the networks' layout, 64 lower-case hexadecimal digits.
  public var architecture: String
  public var host: String
  public var process: Int
  /// Tasks that the worker computes at a time, 1 to 1,024.
  public var cores: Int
  /// Such as avx512; for people to look at.
  public var instructionSet: String
  /// Drawn by the supervising process and kept for its workers' lives, or handed down by the coordinator's own program: who
  /// has another may not register under a name that is taken. At most 100 visible ASCII characters.
  public var secret: String
  /// How the predecessor that bore this name died, where the supervising process saw it.
  public var crash: Crash?

  public init(
    worker: String, programVersion: String, architecture: String, host: String, process: Int, cores: Int,
    instructionSet: String = "unknown", secret: String = "", crash: Crash? = nil
  ) {
    (self.worker, self.programVersion, self.architecture) = (worker, programVersion, architecture)
    (self.host, self.process, self.cores) = (host, process, cores)
    (self.instructionSet, self.secret, self.crash) = (instructionSet, secret, crash)
  }
}

/// The death of a computing process by a signal, told by the process that supervises it.
public struct Crash: Hashable, Sendable {
  /// Counted from 1 by the supervising process, so that a registration sent twice counts once.
  public var number: Int
  public var signal: Int
  public var run: String
  /// The task last reported as computing.
  public var task: TaskID

  public init(number: Int, signal: Int, run: String, task: TaskID) {
    (self.number, self.signal, self.run, self.task) = (number, signal, run, task)
  }
}

/// What went wrong on a worker's side.
public struct WorkerReport: Hashable, Sendable {
  public enum Level: Hashable, Sendable, CaseIterable { case warning, error }

  public var level: Level
  /// One sentence; the receiver cuts it to 500 characters and takes out what could spoil a terminal.
  public var text: String

  public init(_ level: Level, _ text: String) { (self.level, self.text) = (level, text) }
}

/// What a worker computes just now. A hung compute process shows as heartbeats whose work does not change.
public struct Work: Hashable, Sendable {
  public var task: TaskID
  /// Adaptation steps done of this task, or of all of this block's.
  public var stepsDone: Int

  public init(task: TaskID, stepsDone: Int) { (self.task, self.stepsDone) = (task, stepsDone) }
}
