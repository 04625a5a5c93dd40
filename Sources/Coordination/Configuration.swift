/// What a coordinator is told when it begins and cannot change.
public struct Configuration: Sendable {
  public var run: String
  /// Of this coordinator: one more than its predecessor's, from 1.
  public var incarnation: Int
  public var seed: UInt64
  public var programVersion: String
  /// SHA-256 over the networks' layout.
  public var architecture: String
  /// What the canary comes to here; a worker gets tasks only if it finds the same.
  public var canaryHash: UInt64
  public var schedule: Schedule
  /// Steps of a unit of work at most: whoever reports more does not compute it.
  public var taskSteps: Int
  /// What this program hands down to the workers that it starts itself; empty where it starts none.
  public var secret: String
  /// Share of the training tasks that is computed twice and compared, 0 to 1.
  public var verifiedShare: Double
  public var policy: Policy

  public init(
    run: String, incarnation: Int, seed: UInt64, programVersion: String, architecture: String,
    canaryHash: UInt64, schedule: Schedule, taskSteps: Int = .max, secret: String = "",
    verifiedShare: Double = 0, policy: Policy = Policy()
  ) {
    (self.run, self.incarnation, self.seed) = (run, incarnation, seed)
    (self.programVersion, self.architecture, self.canaryHash) = (programVersion, architecture, canaryHash)
    (self.taskSteps, self.secret) = (taskSteps, secret)
    (self.schedule, self.verifiedShare, self.policy) = (schedule, verifiedShare, policy)
  }
}

/// Limits that decide how soon something is done about trouble, never what the run comes to.
public struct Policy: Sendable {
  /// Silence after which a worker counts as lost.
  public var silence: Duration = .seconds(10)
  /// Time without progress, heartbeats or not, after which a worker that has something to do counts as lost.
  public var standstill: Duration = .seconds(60)
  /// Multiple of the median duration after which a task is given to an idle worker too.
  public var stragglerMultiple: Double = 4
  /// What a task may take while none is done yet.
  public var firstPatience: Duration = .seconds(10)
  /// Durations below this are never straggling.
  public var stragglerFloor: Duration = .milliseconds(200)
  /// Results that may wait for those before them, so that memory has a bound; more where there are more cores.
  public var keptResults = Int.max
  /// Tasks that a worker may hold before it has given a result; one more with each, up to two a core.
  public var firstCredit = 2
  /// How long a name is kept for the worker that bore it and is gone: it comes again within seconds, or, as in a container
  /// that was started again, as another of the same name.
  public var nameHold: Duration = .seconds(20)
  /// How long a worker that is gone is remembered: its strikes and its quarantine.
  public var memory: Duration = .seconds(3600)
  /// Strikes at which a worker is quarantined.
  public var strikes = 3
  /// Crash marks at which a task stops the run, and failures at which its replay does.
  public var marks = 3
  /// The run stops when more than this share of the last `divergenceSpan` tasks diverged.
  public var divergedShare = 0.1
  public var divergenceSpan = 1000

  public init() {}
}
