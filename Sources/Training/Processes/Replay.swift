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

  /// Where the two files go.
  let folder: URL

  /// Call on a thread that outlives the child.
  func run(_ welcome: Welcome, _ parameters: Parameters, _ order: TaskOrder) -> Outcome {
    do { return try runChild(welcome, parameters, order) } catch { return .died(signal: nil, "\(error)") }
  }

  private func runChild(_ welcome: Welcome, _ parameters: Parameters, _ order: TaskOrder) throws -> Outcome {
    // So named, they go with whatever else a killed predecessor left behind.
    let name = ".partial-replay-\(getpid())-\(order.id.round.step)-\(order.id.index)"
    let input = folder.appending(path: name + ".order")
    let output = folder.appending(path: name + ".result")
    defer { for file in [input, output] { try? FileManager.default.removeItem(at: file) } }
    let messages: [CoordinatorMessage] = [.welcome(welcome), .parameters(parameters), .task(order)]
    try writeAtomically(messages.flatMap { Self.framed($0.encoded()) }, to: input.path)
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
    let bytes = try Data(contentsOf: URL(filePath: input))
    var welcome: Welcome?
    var parameters: Parameters?
    var order: TaskOrder?
    for message in try split(bytes) {
      switch message {
      case .welcome(let value): welcome = value
      case .parameters(let value): parameters = value
      case .task(let value): order = value
      default: break
      }
    }
    guard let welcome, let parameters, let order else { throw TrainingError.incompleteOrder(file: input) }
    let computation = try TaskComputation()
    let rules = TaskComputation.Rules(welcome)
    let result = computation.run(
      order.contents, order.id.round.kind,
      from: TrainedParameters(values: parameters.values, predicting: rules.loop.predicts), rules)
    let message = WorkerMessage.result(
      TaskResult(origin: parameters.origin, task: order.id, gradient: result.gradient, losses: result.figures)
    )
    try writeAtomically(message.encoded(), to: output)
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
