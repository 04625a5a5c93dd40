import ArgumentParser
import Platform
import Transport

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Meta-train on this machine: a coordinator and one worker a core.",
    discussion: """
      The final checkpoint is the same bytes however many workers take part and whatever happens to them; an interrupted \
      run goes on where it was. More machines help with `metakernelgan worker`: listen where they reach it (--listen).

      SIGTERM, SIGINT, SIGHUP and SIGUSR2 write a checkpoint and end the run, to be resumed; SIGUSR1 writes a checkpoint, \
      and training goes on. A crash or a kill of the training's process costs the steps since the last checkpoint: it \
      is started again (--restarts).

      Exit codes: 0 done; 69 this machine is not enough; 70 the run stopped itself; 73 a checkpoint could not be written; \
      75 interrupted, or another process holds the run: start it again; 78 bad configuration or data.
      """)

  @OptionGroup var training: TrainingOptions

  @Option(help: "Worker processes. (default: the number of cores)")
  var workers: Int?

  @Option(
    help:
      "Where to listen for more workers, such as tcp://0.0.0.0:5555. (default: a free port of this machine)")
  var listen = "tcp://127.0.0.1:*"

  func validate() throws {
    try Address.require(listen, for: .listening)
    try training.security.requireProtection(of: listen, isOpen: training.web.insecure)
    guard (0...1024).contains(workers ?? 0) else {
      throw ValidationError("--workers must be from 0 to 1024.")
    }
  }

  func run() throws {
    if training.presets { return TrainingOptions.listPresets() }
    try Exit.unlessVectorUnit()
    try training.restarts.run {
      try TrainingSession(training, listen: listen, workers: workers ?? ProcessorCount.available).run()
    }
  }
}

struct CoordinatorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coordinator",
    abstract: "Coordinate a meta-training whose workers run elsewhere.",
    discussion: "Start any number of `metakernelgan worker --coordinator ADDRESS`. Exit codes as of `train`.")

  @OptionGroup var training: TrainingOptions

  @Option(help: "Where to listen; loopback unless told otherwise.")
  var listen = "tcp://127.0.0.1:5555"

  func validate() throws {
    try Address.require(listen, for: .listening)
    try training.security.requireProtection(of: listen, isOpen: training.web.insecure)
  }

  func run() throws {
    if training.presets { return TrainingOptions.listPresets() }
    try Exit.unlessVectorUnit()
    try training.restarts.run { try TrainingSession(training, listen: listen, workers: 0).run() }
  }
}
