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
      time; the result of the training does not depend on it. With --run it looks up the coordinator's address in the \
      run's folder on a file system that both share, and again when the run goes on at another host.

      SIGTERM, SIGINT and SIGHUP let it say goodbye first, so that its tasks are handed on at once.

      Exit codes: 0 the training is over; 69 this machine is not enough; 75 no coordinator for --give-up-after, or ended \
      by a signal; 78 the coordinator does not want this program.
      """)

  @Option(help: "Where the coordinator listens, such as tcp://10.0.0.1:5555.")
  var coordinator: String?

  @Option(
    name: .customLong("run"), help: "The run's folder, in which its coordinator's address stands.",
    completion: .directory)
  var runFolder: String?

  @Option(help: "Computing processes. (default: the number of cores that it may use)")
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
    guard (coordinator == nil) != (runFolder == nil) else {
      throw ValidationError("Give --coordinator or --run.")
    }
  }

  func run() throws {
    try Exit.unlessVectorUnit()
    WorkerSecret.prepare()
    InheritedKeys.hand(down: try security.load(as: "worker"))
    let count = cores ?? ProcessorCount.available
    try Exit.unlessResources(
      files: 40 + Supervisor.filesEach * count, threads: 2 + Supervisor.threadsEach * count)
    let begin = Deadline.now
    let supervisor = Supervisor(
      arguments: ComputeCommand.arguments(
        .init(coordinator: coordinator, run: runFolder), giveUpAfter: giveUpAfter,
        prefix: "\(ProcessInfo.processInfo.hostName)-\(getpid())", isRemote: true),
      log: { Console.complain($0) })
    let leaving = Leaving(supervisor)
    let signals = Signals(leaving.take)
    supervisor.start(count)
    let code = supervisor.wait()
    signals.stop()
    leaving.join()
    summarise(supervisor.tally, seconds: begin.elapsed)
    if leaving.isAsked { throw Exit.tryAgain }
    if code != Supervisor.Code.finished { throw ExitCode(Int32(code)) }
  }

  private func summarise(_ tally: Supervisor.Tally, seconds: Double) {
    let tasks = "\(tally.tasks) task\(tally.tasks == 1 ? "" : "s")"
    let deaths = tally.deaths == 0 ? "" : "; \(tally.deaths) of its processes ended before their time"
    Console.note("computed \(tasks) in \(TrainingLog.duration(seconds))" + deaths)
  }
}

/// Ends a worker when it is told to. On a thread of its own, so that the one for signals stays free; a second signal ends
/// all at once.
private final class Leaving: Sendable {
  private let supervisor: Supervisor
  private let thread = Monitor<(isAsked: Bool, thread: NamedThread?)>((false, nil))

  /// Seconds that the task at hand may take to its end.
  private static let patience = 5.0

  init(_ supervisor: Supervisor) { self.supervisor = supervisor }

  var isAsked: Bool { thread.update { $0.isAsked } }

  func take() {
    let isFirst = thread.update { state in
      defer { state.isAsked = true }
      return !state.isAsked
    }
    guard isFirst else { return supervisor.stop() }
    do {
      let leaving = try NamedThread("leaving") { [supervisor] in supervisor.dismiss(within: Self.patience) }
      thread.update { $0.thread = leaving }
    } catch { supervisor.dismiss(within: Self.patience) }
  }

  func join() {
    let leaving = thread.update { state in
      defer { state.thread = nil }
      return state.thread
    }
    leaving?.join()
  }
}
