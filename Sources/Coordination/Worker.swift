import Messages

/// A connected worker.
struct Worker {
  enum Stage { case canary, active }

  /// A task in its hands.
  struct Holding {
    let task: TaskID
    /// Since when it could be computing it.
    var since: Duration
  }

  let peer: Peer
  let name: String
  let host: String
  let cores: Int
  let instructionSet: String
  var stage = Stage.canary
  var lastHeard: Duration
  /// When it last did something that shows it is not stuck, or was first given something to do.
  var lastProgress: Duration
  var work: Work?
  /// Results that it has sent, right or wrong.
  var done = 0
  var holdings: [Holding] = []
  /// The step whose parameters it was last sent.
  var parametersStep: Int?

  /// Tasks that it may hold: one in work and one waiting for each core.
  var credit: Int { 2 * cores }

  func held(of round: RoundID) -> Int { holdings.count { $0.task.round == round } }
}
