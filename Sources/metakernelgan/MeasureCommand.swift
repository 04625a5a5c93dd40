import ArgumentParser
import Comparison
import Foundation
import Platform
import Training

/// One order of an evaluation, measured in a process of its own; started by `evaluate`, not by people.
struct MeasureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "measure", shouldDisplay: false)

  /// A file with the order.
  @Option var order: String
  @Option var parent: Int32

  func run() throws {
    ParentProcess.dieWith(parent)
    let order: Order
    do {
      order = try JSONDecoder().decode(Order.self, from: Data(contentsOf: URL(filePath: self.order)))
    } catch { throw Exit.because("cannot read the order '\(self.order)': \(error)", .failure) }
    // Read, so nobody needs it any more; the parent may not live to remove it.
    try? FileManager.default.removeItem(atPath: self.order)
    var said = Deadline.now
    order.run { outcome in
      // Strings and numbers, all of which JSON can hold here.
      if let line = try? outcome.line { Console.result(String(decoding: line, as: UTF8.self)) }
    } onProgress: { share in
      guard said.elapsed > 0.5 else { return }
      said = .now
      Console.result(Self.progressMark + "\(share)")
    }
  }

  /// Begins a line that says which share of the order is done; outcomes begin with a brace.
  static let progressMark = "progress "
}

/// Has orders measured by children. A child for each picture and method, so that its peak memory is its own, and that
/// a crash costs one picture.
struct MeasuringChild {
  /// For the orders' files.
  let folder: URL

  /// - Parameter onProgress: called now and then with the share of the order that is done.
  func measure(
    _ order: Order, _ report: (Outcome) -> Void, onProgress: (Double) -> Void = { _ in }
  ) throws {
    let file = folder.appending(path: "order-\(UUID().uuidString).json")
    try JSONEncoder().encode(order).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let child = try ChildProcess(["measure", "--order", file.path, "--parent", "\(getpid())"])
    while let line = child.readLine() {
      if line.hasPrefix(MeasureCommand.progressMark) {
        if let share = Double(line.dropFirst(MeasureCommand.progressMark.count)) { onProgress(share) }
      } else if let outcome = try? Outcome(line: Data(line.utf8)) {
        report(outcome)
      }
    }
    switch child.wait() {
    case .exited(code: 0): return
    case .exited(let code): throw EvaluationError.died(name: order.name, how: "ended with code \(code)")
    case .killed(let signal):
      throw EvaluationError.died(name: order.name, how: "was killed by signal \(signal)")
    }
  }
}
