import ArgumentParser
import Checkpoints
import Foundation
import Platform
import RunDirectory
import Training
import Transport

/// What `train` and `coordinator` share: the run's folder and its settings, merged from what the run was saved with, a
/// file, and the command line, the later over the earlier.
struct TrainingOptions: ParsableArguments {
  @Option(help: "Folder of the run; a run that is there is resumed.", completion: .directory)
  var run = "run"

  @Option(
    parsing: .upToNextOption,
    help: "Folders of pictures to train on, subfolders included. (default: drawn dead-leaves pictures)",
    completion: .directory)
  var data: [String] = []

  @Option(
    help: "A checkpoint whose parameters a fresh run begins with; what it lacks is drawn from the seed.",
    completion: .file())
  var start: String?

  @Option(
    help:
      "Begin with settings that belong together, such as paper or best; what else is set goes over them. (--presets)"
  )
  var preset: String?

  @Flag(help: "List the presets with their settings, and do nothing else.")
  var presets = false

  @Option(help: "Settings in YAML.", completion: .file())
  var config: String?

  @Option(
    name: .customLong("set"), help: ArgumentHelp("Any setting of the configuration.", valueName: "key=value"))
  var settings: [String] = []

  @Option(help: "Outer steps until the training is done.") var steps: String?
  @Option(help: "B, tasks an outer step.") var taskBatchSize: String?
  @Option(help: "Seed of everything that is drawn.") var seed: String?
  @Option(
    help: "meta; dataset: the baseline without an inner loop; conditioned: a start that looks at the picture."
  )
  var algorithm: String?
  @Option(help: "Outer rates grow with B: none, sqrt, linear.") var rateScaling: String?
  @Option(help: "An outer step takes the mean or the sum over its tasks.") var reduction: String?
  @Option(help: "The interval weights' schedule counts tasks or steps.") var scheduleBy: String?
  @Option(help: "Share of the tasks that is computed twice and compared.") var verify: String?

  @Option(
    help: ArgumentHelp(
      "Serve the run's checkpoints here, such as tcp://127.0.0.1:5556, as `metakernelgan serve` does.",
      valueName: "address"))
  var serve: String?

  @Option(
    help: ArgumentHelp(
      "Serve the page and the API here, such as 127.0.0.1:8080, as `metakernelgan serve` does.",
      valueName: "host:port"))
  var http: String?

  @OptionGroup var security: ServiceKeyOptions

  @Option(
    help: ArgumentHelp(
      "Name this host in the run's folder for workers to find. (default: the machine's name where it listens on all "
        + "interfaces)", valueName: "host"))
  var advertise: String?

  @Option(
    help: ArgumentHelp("Wait so long for another process to give the run free.", valueName: "seconds"))
  var waitForLease = 0.0

  @OptionGroup var restarts: RestartOptions

  @Flag(help: "Write the log as JSON, one object a line.")
  var jsonLog = false

  @OptionGroup var web: HTTPOptions

  @Flag(help: "Go on although data or settings are not the checkpoint's.")
  var force = false

  @Flag(help: "Print nothing but errors.")
  var quiet = false

  func validate() throws {
    guard waitForLease >= 0, waitForLease.isFinite else {
      throw ValidationError("--wait-for-lease must be a number of at least 0.")
    }
    try Address.require(serve, for: .listening)
    try security.requireProtection(of: serve, isOpen: web.insecure)
  }

  static func listPresets() {
    for preset in Preset.all {
      Console.result("\(preset.name): \(preset.explanation)")
      for (key, value) in preset.settings { Console.result("  \(key): \(value)") }
    }
  }

  /// - Throws: exit code 78 with one line.
  func configuration() throws -> RunConfiguration {
    do {
      var configuration = RunConfiguration()
      let saved = RunFolder(run).configuration
      for file in [Folder.kind(of: saved) != nil ? saved : nil, config].compactMap({ $0 }) {
        try configuration.merge(yaml: try Self.read(file), source: file)
      }
      if let preset { try configuration.set(Preset.key, to: preset, source: "command line") }
      if !data.isEmpty { configuration.run.data = data }
      // The run may be resumed from elsewhere.
      configuration.run.data = configuration.run.data.map(Self.absolute)
      if let start {
        (configuration.run.start, configuration.training.start) = (start, try SHA256.hex(ofFile: start))
      }
      for (key, value) in try pairs() { try configuration.set(key, to: value, source: "command line") }
      try configuration.validate()
      return configuration
    } catch { throw Exit.because("\(error)", Exit.configuration) }
  }

  private static func read(_ file: String) throws -> String {
    guard let bytes = try? readFile(file), let text = String(validating: bytes, as: UTF8.self) else {
      throw ConfigurationError.unreadable(source: file)
    }
    return text
  }

  private static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
  }

  private func pairs() throws -> [(String, String)] {
    let named = [
      ("steps", steps), ("task-batch-size", taskBatchSize), ("seed", seed), ("algorithm", algorithm),
      ("rate-scaling", rateScaling), ("reduction", reduction), ("schedule-by", scheduleBy),
      ("verify", verify),
    ]
    return try settings.map { text in
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw ConfigurationError.noValue(key: text, source: "--set") }
      return (parts[0], parts[1])
    } + named.compactMap { name, value in value.map { (name, $0) } }
  }
}
