import Checkpoints
import Foundation
import Messages
import MetaLearning
import Platform
import Transport

/// A unit of work computed once more by the coordinator's side, in a child process so that a task that crashes takes nothing
/// with it. The child reads its order from a file and writes its result into another, both as wire messages.
struct Replay {
  enum Outcome: Sendable {
    case result(TaskResult)
    case died(signal: Int?, String)
  }

  /// What the child is told.
  struct Order: Sendable {
    let welcome: Welcome
    let parameters: Parameters
    let task: TaskOrder

    var messages: [CoordinatorMessage] { [.welcome(welcome), .parameters(parameters), .task(task)] }
  }

  /// Where the two files go.
  let folder: URL

  /// Call on a thread that outlives the child.
  func run(_ order: Order) -> Outcome {
    do { return try runChild(order) } catch { return .died(signal: nil, "\(error)") }
  }

  private func runChild(_ order: Order) throws -> Outcome {
    let task = order.task.id
    // So named, they go with whatever else a killed predecessor left behind.
    let name = ".partial-replay-\(getpid())-\(task.round.step)-\(task.index)"
    let input = folder.appending(path: name + ".order")
    let output = folder.appending(path: name + ".result")
    defer { for file in [input, output] { try? FileManager.default.removeItem(at: file) } }
    try writeAtomically(order.messages.flatMap { Self.framed($0.encoded()) }, to: input.path)
    let child = try ChildProcess([
      "replay", "--input", input.path, "--output", output.path, "--parent", "\(getpid())",
    ])
    while child.readLine() != nil {}
    switch child.wait() {
    case .killed(let signal): return .died(signal: signal, "its process died of signal \(signal)")
    case .exited(let code) where code != 0: return .died(signal: nil, "its process ended with code \(code)")
    case .exited: break
    }
    let bytes = try Data(contentsOf: output)
    guard case .result(let result) = try bytes.withUnsafeBytes({ try WorkerMessage(decoding: $0) }) else {
      return .died(signal: nil, "its process wrote no result")
    }
    return .result(result)
  }

  /// The child's side.
  static func compute(input: String, output: String) throws {
    let order = try readOrder(input)
    let (parameters, task) = (order.parameters, order.task)
    let computation = try TaskComputation()
    let rules = TaskComputation.Rules(order.welcome)
    let result = computation.run(
      task.contents, of: task.id.round.kind,
      from: TrainedParameters(values: parameters.values, predicting: rules.loop.predicts), by: rules)
    let message = WorkerMessage.result(
      TaskResult(origin: parameters.origin, task: task.id, gradient: result.gradient, losses: result.figures))
    try writeAtomically(message.encoded(), to: output)
  }

  private static func readOrder(_ file: String) throws -> Order {
    var welcome: Welcome?
    var parameters: Parameters?
    var task: TaskOrder?
    for message in try split(Data(contentsOf: URL(filePath: file))) {
      switch message {
      case .welcome(let value): welcome = value
      case .parameters(let value): parameters = value
      case .task(let value): task = value
      default: break
      }
    }
    guard let welcome, let parameters, let task else { throw TrainingError.incompleteOrder(file: file) }
    return Order(welcome: welcome, parameters: parameters, task: task)
  }

  private static func framed(_ message: [UInt8]) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: message.count >> (8 * $0)) } + message
  }

  private static func split(_ bytes: Data) throws -> [CoordinatorMessage] {
    var messages: [CoordinatorMessage] = []
    var at = 0
    while at + 8 <= bytes.count {
      let count = (0..<8).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
      guard count >= 0, count <= bytes.count - at - 8 else { break }
      let message = Data(bytes[(at + 8)..<(at + 8 + count)])
      messages.append(try message.withUnsafeBytes { try CoordinatorMessage(decoding: $0) })
      at += 8 + count
    }
    return messages
  }
}

/// What the hidden command `replay` does.
public func computeReplay(input: String, output: String) throws {
  try Replay.compute(input: input, output: output)
}
