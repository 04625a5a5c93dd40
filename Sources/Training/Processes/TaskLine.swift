public import Messages

/// "task training 12 3 RUN": how a computing process tells whoever supervises it what it begins.
public struct TaskLine: Equatable {
  /// What it says when the task is done.
  public static let done = "done"

  public let task: TaskID
  public let run: String

  public init(task: TaskID, run: String) { (self.task, self.run) = (task, run) }

  public init?(_ text: String) {
    let parts = text.split(separator: " ", maxSplits: 4).map(String.init)
    guard parts.count == 5, parts[0] == "task", let step = Int(parts[2]), let index = Int(parts[3]) else {
      return nil
    }
    switch parts[1] {
    case "training": task = TaskID(RoundID(.training, step: step), index)
    case "evaluation": task = TaskID(RoundID(.evaluation, step: step), index)
    default: return nil
    }
    run = parts[4]
  }

  public var text: String {
    "task \(task.round.kind == .training ? "training" : "evaluation") \(task.round.step) \(task.index) \(run)"
  }
}
