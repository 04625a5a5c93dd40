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
    help: "Folders of PNG or JPEG pictures to train on. (default: drawn dead-leaves pictures)",
    completion: .directory)
  var data: [String] = []

  @Option(
    help: "A checkpoint whose parameters a fresh run begins with; what it lacks is drawn from the seed.",
    completion: .file())
  var start: String?

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
  @OptionGroup var web: HTTPOptions

  @Flag(help: "Go on although data or settings are not the checkpoint's.")
  var force = false

  @Flag(help: "Print nothing but errors.")
  var quiet = false

  func validate() throws {
    try Address.require(serve, for: .listening)
    try security.requireProtection(of: serve, isOpen: web.insecure)
  }

  /// - Throws: exit code 78 with one line.
  func configuration() throws -> RunConfiguration {
    do {
      var configuration = RunConfiguration()
      let saved = RunFolder(run).configuration
      for file in [FileManager.default.fileExists(atPath: saved) ? saved : nil, config].compactMap({ $0 }) {
        try configuration.merge(yaml: try Self.read(file), source: file)
      }
      if !data.isEmpty { configuration.run.data = data }
      if let start {
        (configuration.run.start, configuration.training.start) = (start, try SHA256.hex(ofFile: start))
      }
      for (key, value) in try pairs() { try configuration.set(key, to: value, source: "command line") }
      try configuration.validate()
      return configuration
    } catch { throw Exit.because("\(error)", Exit.configuration) }
  }

  private static func read(_ file: String) throws -> String {
    do { return try String(contentsOfFile: file, encoding: .utf8) } catch {
      throw ConfigurationError.unreadable(source: file)
    }
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
