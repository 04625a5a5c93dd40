import Messages

/// A connected worker.
struct Worker {
  enum Stage { case canary, active }

  /// A task in its hands.
  struct Holding {
    let task: TaskID
    /// Since when it could be computing it.
    var since: Duration
    /// The most steps that it has reported of it.
    var stepsDone = -1
  }

  let peer: Peer
  let name: String
  let host: String
  let cores: Int
  let instructionSet: String
  let owner: Owner
  /// Before it has given a result.
  let firstCredit: Int
  var stage = Stage.canary
  var lastHeard: Duration
  /// When it last did something that shows it is not stuck, or was first given something to do.
  var lastProgress: Duration
  /// Results that it has sent, right or wrong.
  var done = 0
  var holdings: [Holding] = []
  /// What it told for the log.
  var reports = Throttle(most: 5)
  /// The step whose parameters it was last sent.
  var parametersStep: Int?

  /// Tasks that it may hold: one in work and one waiting for each core, as far as it has earned them. What a worker says
  /// of its cores costs nothing.
  var credit: Int {
    let (earned, overflow) = firstCredit.addingReportingOverflow(done)
    return overflow ? 2 * cores : min(2 * cores, earned)
  }

  /// A plain loop: for every result it runs over every worker.
  func held(of round: RoundID) -> Int {
    var count = 0
    for i in holdings.indices where holdings[i].task.round == round { count += 1 }
    return count
  }
}
