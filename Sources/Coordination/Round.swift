import Messages

/// What a result says, as far as two of them are compared.
enum Finding: Equatable {
  case sound(UInt64)
  /// Whatever the bytes: those of an unsound gradient need not repeat exactly.
  case unsound
}

/// A result by what it says and who says it.
struct Candidate: Equatable {
  let worker: String
  let credentials: Credentials
  let finding: Finding
  /// Whether it says that tasks of its block diverged.
  var leavesOut = false

  /// Whether a result of this worker may confirm this one.
  func isConfirmed(by other: Worker) -> Bool {
    other.name != worker && other.owner.credentials.isIndependent(of: credentials)
  }
}

/// A task that the coordinator replays, and the results that this will judge.
struct Dispute {
  var candidates: [Candidate]
  let reason: ReplayReason
  /// Where the first candidate is already part of the sum.
  var isFolded: Bool
  var failures = 0
}

/// How far one task has come.
struct TaskEntry {
  enum Author: Equatable {
    case worker(String, Credentials)
    case replay
  }

  enum Progress {
    case open
    /// One result is there and kept; a second, from someone else, must agree before it counts.
    case witnessed(Candidate, ResultID)
    case disputed(Dispute)
    /// Waits for all before it.
    case accepted(ResultID, Finding, Author)
    case folded(Finding, Author)
    /// By the replay's word; final.
    case diverged
  }

  var progress = Progress.open
  /// Workers that have it in hand.
  var holders: [String] = []
  /// Workers that were ever given it in this round; only they may contradict what is folded.
  var given: [String] = []
  /// Workers that were given it before the step began again. What they still send of it counts for nothing, and is no
  /// fault: a wrong result on its way would otherwise be taken for the first.
  var formerly: [String] = []
  /// Workers that sent something broken for it, not to be asked again while there are others.
  var refused: [String] = []
  /// Tasks of the block that diverged by themselves, by the replay's word: indices within the round.
  var leftOut: [Int] = []

  var needsHolder: Bool {
    guard holders.isEmpty else { return false }
    switch progress {
    case .open, .witnessed: return true
    case .disputed, .accepted, .folded, .diverged: return false
    }
  }

  /// The result that awaits a second.
  var witness: Candidate? {
    if case .witnessed(let candidate, _) = progress { candidate } else { nil }
  }
}

/// Somebody's word that a process died of a task.
struct CrashMark: Equatable {
  let worker: String
  /// Whether this program saw it itself, or a process that it started.
  let isCertain: Bool
  /// The signal that ended the process.
  let signal: Int
}

/// The units of one round: tasks, or blocks of tasks. A few words for each, whatever becomes of it.
struct Round {
  let id: RoundID
  /// Tasks of each unit.
  let block: Int
  /// SHA-256 of what the tasks start from; nil until the round may begin.
  var parameters: String?
  var tasks: [TaskEntry]
  /// The first index not yet folded.
  var prefix = 0
  /// No index below it needs a holder.
  var cursor = 0
  /// Indices whose replay is awaited.
  var replaying: Set<Int> = []
  /// Crashes by index.
  var marks: [Int: [CrashMark]] = [:]
  /// Tasks left out so far, of those folded.
  var diverged: [Int] = []

  init(_ id: RoundID, _ schedule: Schedule) {
    (self.id, block) = (id, schedule.block(of: id))
    tasks = Array(repeating: TaskEntry(), count: schedule.count(of: id))
  }

  var isComplete: Bool { prefix == tasks.count && replaying.isEmpty }

  func task(_ index: Int) -> TaskID { TaskID(id, index, block: block) }

  /// Tasks of the whole round.
  var taskCount: Int { tasks.count * block }

  /// `lookAgain` follows unless the task needs no other holder.
  mutating func release(_ index: Int, by worker: String) {
    tasks[index].holders.removeAll { $0 == worker }
  }

  mutating func reopen(_ index: Int) {
    tasks[index].progress = .open
    lookAgain(at: index)
  }

  /// To be called when a task may have come to need a holder.
  mutating func lookAgain(at index: Int) {
    if tasks[index].needsHolder { cursor = min(cursor, index) }
  }
}
