import ArgumentParser
import Foundation
import Messages
import Platform
import Training
import Transport

struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker",
    abstract: "Compute tasks for a training's coordinator.",
    discussion: """
      Needs no data. One computing process a core, each started again when it dies. A worker may come and go at any \
      time; the result of the training does not depend on it.

      Exit codes: 0 the training is over; 69 processor too old; 75 no coordinator for --give-up-after; 78 the \
      coordinator does not want this program.
      """)

  @Option(help: "Where the coordinator listens, such as tcp://10.0.0.1:5555.")
  var coordinator: String

  @Option(help: "Computing processes. (default: the number of cores)")
  var cores: Int?

  @Option(help: ArgumentHelp("Look for the coordinator for so long.", valueName: "seconds"))
  var giveUpAfter = 600.0

  @OptionGroup var security: ClientKeyOptions

  func validate() throws {
    try Address.require(coordinator, for: .connecting)
    guard (1...1024).contains(cores ?? 1) else { throw ValidationError("--cores must be from 1 to 1024.") }
    guard giveUpAfter >= 0, giveUpAfter.isFinite else {
      throw ValidationError("--give-up-after must be at least 0.")
    }
  }

  func run() throws {
    try Exit.unlessVectorUnit()
    WorkerSecret.prepare()
    InheritedKeys.hand(down: try security.load(as: "worker"))
    let count = cores ?? ProcessInfo.processInfo.activeProcessorCount
    let supervisor = Supervisor(
      arguments: ComputeCommand.arguments(
        coordinator: coordinator, giveUpAfter: giveUpAfter,
        prefix: "\(ProcessInfo.processInfo.hostName)-\(getpid())"),
      log: { Console.complain($0) })
    supervisor.start(count)
    let code = supervisor.wait()
    if code != Supervisor.Code.finished { throw ExitCode(Int32(code)) }
  }
}

/// One computing process; started by `worker` and `train`, not by people.
struct ComputeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "compute", shouldDisplay: false)

  @Option var coordinator: String
  @Option var name: String
  @Option var giveUpAfter: Double
  @Option var parent: Int32
  /// "number signal line of the task"
  @Option var crash: String?

  /// How a supervisor starts process `index`.
  static func arguments(
    coordinator: String, giveUpAfter: Double, prefix: String
  ) -> @Sendable (Int, Crash?) -> [String] {
    let parent = getpid()
    return { index, crash in
      let told = crash.map { "\($0.number) \($0.signal) " + TaskLine(task: $0.task, run: $0.run).text }
      return [
        "compute", "--coordinator", coordinator, "--name", "\(prefix)-\(index + 1)", "--give-up-after",
        "\(giveUpAfter)",
        "--parent", "\(parent)",
      ] + (told.map { ["--crash", $0] } ?? [])
    }
  }

  func run() throws {
    ParentProcess.dieWith(parent)
    // Control-C is meant for whoever supervises, who ends this process in its own time.
    signal(SIGINT, SIG_IGN)
    try Exit.unlessVectorUnit()
    var options = ComputeProcess.Options(
      coordinator: coordinator, name: name, programVersion: MetaKernelGAN.version, giveUpAfter: giveUpAfter,
      crash: crash.flatMap(Self.crash))
    options.security = try InheritedKeys.take()
    let process = try ComputeProcess(options) { task, run in
      Console.result(TaskLine(task: task, run: run).text)
    }
    switch try process.run() {
    case .finished: return
    case .gaveUp:
      throw Exit.because("\(name): no coordinator at \(coordinator) for \(giveUpAfter) seconds", ExitCode(75))
    case .rejected(let rejection):
      let code = rejection.mayTryAgain ? Supervisor.Code.failed : Supervisor.Code.rejected
      throw Exit.because("\(name): the coordinator refuses: \(rejection.explanation)", ExitCode(Int32(code)))
    case .failed(let reason):
      throw Exit.because("\(name): \(reason)", ExitCode(Int32(Supervisor.Code.failed)))
    }
  }

  private static func crash(_ text: String) -> Crash? {
    let parts = text.split(separator: " ", maxSplits: 2).map(String.init)
    guard parts.count == 3, let number = Int(parts[0]), let signal = Int(parts[1]),
      let line = TaskLine(parts[2])
    else { return nil }
    return Crash(number: number, signal: signal, run: line.run, task: line.task)
  }
}

/// One task computed again for a dispute; started by the coordinator, not by people.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "replay", shouldDisplay: false)

  @Option var input: String
  @Option var output: String
  @Option var parent: Int32

  func run() throws {
    ParentProcess.dieWith(parent)
    try computeReplay(input: input, output: output)
  }
}
