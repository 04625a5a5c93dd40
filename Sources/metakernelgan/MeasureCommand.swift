import ArgumentParser
import Comparison
import Foundation
import Platform
import Training

/// One task of an evaluation, measured in a process of its own; started by `evaluate`, not by people.
struct MeasureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "measure", shouldDisplay: false)

  /// A file with the task.
  @Option var task: String
  @Option var parent: Int32

  func run() throws {
    ParentProcess.dieWith(parent)
    let task: EvaluationTask
    do {
      task = try JSONDecoder().decode(EvaluationTask.self, from: Data(contentsOf: URL(filePath: self.task)))
    } catch { throw Exit.because("cannot read the task '\(self.task)': \(error)", .failure) }
    // Read, so nobody needs it any more; the parent may not live to remove it.
    try? FileManager.default.removeItem(atPath: self.task)
    var said = Deadline.now
    task.run { outcome in
      // Strings and numbers, all of which JSON can hold here.
      if let line = try? outcome.line { Console.result(String(decoding: line, as: UTF8.self)) }
    } onProgress: { share in
      guard said.elapsed > 0.5 else { return }
      said = .now
      Console.result(Self.progressMark + "\(share)")
    }
  }

  /// Begins a line that says which share of the task is done; outcomes begin with a brace.
  static let progressMark = "progress "
}

/// Has tasks measured by children. A child for each picture and method, so that its peak memory is its own, and that
/// a crash costs one picture.
struct MeasuringChild {
  /// For the tasks' files.
  let folder: URL

  /// - Parameter onProgress: called now and then with the share of the task that is done.
  func measure(
    _ task: EvaluationTask, _ report: (Outcome) -> Void, onProgress: (Double) -> Void = { _ in }
  ) throws {
    let file = folder.appending(path: "task-\(UUID().uuidString).json")
    try JSONEncoder().encode(task).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let child = try ChildProcess(["measure", "--task", file.path, "--parent", "\(getpid())"])
    while let line = child.readLine() {
      if line.hasPrefix(MeasureCommand.progressMark) {
        if let share = Double(line.dropFirst(MeasureCommand.progressMark.count)) { onProgress(share) }
      } else if let outcome = try? Outcome(line: Data(line.utf8)) {
        report(outcome)
      }
    }
    switch child.wait() {
    case .exited(code: 0): return
    case .exited(let code): throw EvaluationError.died(name: task.name, how: "ended with code \(code)")
    case .killed(let signal):
      throw EvaluationError.died(name: task.name, how: "was killed by signal \(signal)")
    }
  }
}
