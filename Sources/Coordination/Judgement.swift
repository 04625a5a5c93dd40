import Messages

/// What a result that came is worth, before it is held against others for the same task.
enum Judgement: Equatable {
  case stale
  case late
  case broken(String)
  case candidate(Finding, unsoundBecause: String?)

  /// - Parameter worker: nil where the sender has not passed the canary.
  static func judge(
    _ report: ResultReport, from worker: String?, in round: Round, under configuration: Configuration
  ) -> Judgement {
    guard let worker, report.origin.run == configuration.run,
      report.origin.incarnation == configuration.incarnation
    else { return .stale }
    if Schedule.precedes(report.task.round, round.id) { return .late }
    guard report.task.round == round.id, let parameters = round.parameters else {
      return .broken("a result for a round that has not begun")
    }
    guard report.origin.parameters == parameters else { return .broken("a result from other parameters") }
    guard round.tasks.indices.contains(report.task.index), report.task.block == round.block else {
      return .broken("a result for a task that does not exist")
    }
    let entry = round.tasks[report.task.index]
    guard entry.given.contains(worker) else {
      return entry.formerly.contains(worker)
        ? .late : .broken("a result for a task that it was never given")
    }
    switch report.quality {
    case .broken(let why): return .broken(why)
    case .unsound(let why): return .candidate(.unsound, unsoundBecause: why)
    case .partial(let why): return .candidate(.sound(report.hash), unsoundBecause: why)
    case .sound: return .candidate(.sound(report.hash), unsoundBecause: nil)
    }
  }
}
