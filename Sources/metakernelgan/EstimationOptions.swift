import ArgumentParser
import Checkpoints
import Estimation
import Foundation
import KernelGAN

/// Where the networks start and how they adapt; shared by the commands that estimate.
struct EstimationOptions: ParsableArguments {
  enum Mode: String, CaseIterable, ExpressibleByArgument { case paper }

  @Option(help: "Start from this checkpoint (safetensors). (default: the weights that the project ships)")
  var checkpoint: String?

  @Option(help: "paper: the published procedure, exactly. Options below change single parts of it.")
  var mode = Mode.paper

  @Option(help: "Adaptation steps. (default: 200)")
  var steps: Int?

  @Option(help: "Seed of the patches and the noise.")
  var seed: UInt64 = 0

  @Option(help: ArgumentHelp("The generator's learning rate. (default: 0.01)", valueName: "rate"))
  var generatorRate: Double?

  @Option(help: ArgumentHelp("The discriminator's learning rate. (default: 0.2)", valueName: "rate"))
  var discriminatorRate: Double?

  @Option(help: "Patches a step, in one batch. (default: 1)")
  var patches: Int?

  @Option(
    help:
      "Beyond a patch, the generator sees the patch repeated, or the picture: patch, picture. (default: patch)"
  )
  var border: EstimationSettings.Border?

  @Option(
    name: .customLong("average"),
    help: ArgumentHelp("Average the kernel over so many last steps.", valueName: "steps"))
  var averagedSteps: Int?

  @Flag(help: "Divide the kernel by its sum.")
  var normalise = false

  var settings: EstimationSettings {
    var settings = EstimationSettings.paper
    if let steps { settings.steps = steps }
    if let generatorRate { settings.step.generatorRate = generatorRate }
    if let discriminatorRate { settings.step.discriminatorRate = discriminatorRate }
    if let patches { settings.patches = patches }
    if let border { settings.border = border }
    if let averagedSteps { settings.averagedSteps = averagedSteps }
    settings.normalised = normalise
    return settings
  }

  func validate() throws {
    func require(_ holds: Bool, _ message: String) throws { if !holds { throw ValidationError(message) } }
    try require((0...1_000_000).contains(steps ?? 0), "--steps must be from 0 to 1000000.")
    try require((1...64).contains(patches ?? 1), "--patches must be from 1 to 64.")
    try require(
      (0...(steps ?? 200)).contains(averagedSteps ?? 0), "--average must be from 0 to the number of steps.")
    for (name, rate) in [("--generator-rate", generatorRate), ("--discriminator-rate", discriminatorRate)] {
      try require(rate.map { $0.isFinite && $0 >= 0 } ?? true, "\(name) must be a number of at least 0.")
    }
  }

  /// The networks to start from: the named ones, or those that the project ships.
  /// - Throws: exit code 78 with one line where they cannot be used.
  func loadCheckpoint() throws -> Checkpoint {
    guard let path = checkpoint ?? ShippedWeights.path else {
      throw Exit.because(
        "no checkpoint: the shipped weights are not beside this program, so name one with --checkpoint FILE",
        Exit.configuration)
    }
    do { return try Checkpoint(path: path, for: .paper) } catch {
      throw Exit.because("\(error)", Exit.configuration)
    }
  }
}

extension EstimationSettings.Border: ExpressibleByArgument {}
