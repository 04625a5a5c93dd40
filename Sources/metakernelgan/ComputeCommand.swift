import ArgumentParser
import Foundation
import Messages
import Platform
import RunDirectory
import Synchronization
import Training

/// One computing process; started by `worker` and `train`, not by people.
struct ComputeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "compute", shouldDisplay: false)

  /// Where the coordinator is to be found.
  struct Place: Sendable {
    var coordinator: String?
    /// The folder in which its address stands.
    var run: String?
  }

  @Option var coordinator: String?
  @Option(name: .customLong("run")) var runFolder: String?
  @Option var name: String
  @Option var giveUpAfter: Double
  @Option var parent: Int32
  /// "number signal line of the task"
  @Option var crash: String?
  /// For the coordinator's log: how the predecessor ended.
  @Option var warning: String?

  /// How a supervisor starts process `index`.
  /// - Parameter isRemote: whether the supervisor's own log is not the coordinator's.
  static func arguments(
    _ place: Place, giveUpAfter: Double, prefix: String, isRemote: Bool
  ) -> @Sendable (Int, Supervisor.Predecessor?) -> [String] {
    let parent = getpid()
    return { index, predecessor in
      let told = predecessor?.crash.map {
        "\($0.number) \($0.signal) " + TaskLine(task: $0.task, run: $0.run).text
      }
      let warning = isRemote ? predecessor?.ending : nil
      let options: [(name: String, value: String?)] = [
        ("--coordinator", place.coordinator), ("--run", place.run), ("--crash", told), ("--warning", warning),
      ]
      var arguments = ["compute", "--name", "\(prefix)-\(index + 1)", "--give-up-after", "\(giveUpAfter)"]
      arguments += ["--parent", "\(parent)"]
      for (name, value) in options { if let value { arguments += [name, value] } }
      return arguments
    }
  }

  func run() throws {
    ParentProcess.dieWith(parent)
    let leaving = Leaving()
    // Control-C and a closed terminal are meant for whoever supervises, who ends this process in its own time.
    let signals = Signals(each: { if $0 == SIGTERM { leaving.ask() } })
    defer { signals.stop() }
    try Exit.unlessVectorUnit()
    try Exit.unlessResources(files: 32, threads: 6)
    let searchEnd = Deadline.after(giveUpAfter)
    while !leaving.isAsked {
      guard let address = address() else {
        if .now > searchEnd { throw gaveUp(on: "a coordinator's address in \(quoted(runFolder ?? ""))") }
        usleep(200_000)
        continue
      }
      if try compute(at: address, leaving) { return }
    }
    throw ExitCode(128 + SIGTERM)
  }

  private func address() -> String? {
    coordinator ?? runFolder.flatMap { (try? RunFolder($0).publishedAddress())?.endpoint }
  }

  /// - Returns: false where the process is to go on elsewhere, or was told to leave.
  private func compute(at address: String, _ leaving: Leaving) throws -> Bool {
    var options = ComputeProcess.Options(
      coordinator: address, name: name, programVersion: MetaKernelGAN.version, giveUpAfter: giveUpAfter,
      crash: crash.flatMap(Self.crash))
    options.security = try InheritedKeys.take()
    options.warning = warning
    if let runFolder {
      options.hasMoved = {
        (try? RunFolder(runFolder).publishedAddress()).map { $0.endpoint != address } ?? false
      }
    }
    let process = try ComputeProcess(
      options, onTask: { StandardStream.output.offer(TaskLine(task: $0, run: $1).text + "\n") },
      onResult: { StandardStream.output.offer(TaskLine.done + "\n") })
    leaving.direct(to: process)
    switch try process.run() {
    case .finished: return true
    case .moved, .left: return false
    case .gaveUp: throw gaveUp(on: "a coordinator at \(address)")
    case .rejected(let rejection):
      let code = rejection.mayTryAgain ? Supervisor.Code.failed : Supervisor.Code.rejected
      throw Exit.because("\(name): the coordinator refuses: \(rejection.explanation)", ExitCode(Int32(code)))
    case .failed(let reason):
      throw Exit.because("\(name): \(reason)", ExitCode(Int32(Supervisor.Code.failed)))
    }
  }

  private func gaveUp(on what: String) -> ExitCode {
    Exit.because("\(name): waited \(giveUpAfter) seconds in vain for \(what)", Exit.tryAgain)
  }

  /// Being told to leave, before and while there is a conversation.
  private final class Leaving: Sendable {
    private let state = Mutex<(isAsked: Bool, process: ComputeProcess?)>((false, nil))

    var isAsked: Bool { state.withLock { $0.isAsked } }

    func ask() {
      state.withLock { state -> ComputeProcess? in
        state.isAsked = true
        return state.process
      }?.leave()
    }

    func direct(to process: ComputeProcess) {
      let isAsked = state.withLock { state in
        state.process = process
        return state.isAsked
      }
      if isAsked { process.leave() }
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
