import ArgumentParser
import Estimation
import Foundation
import Restoration

/// Where the networks start and how they adapt; shared by the commands that estimate.
struct EstimationOptions: ParsableArguments {
  @Option(help: "Start from this checkpoint (safetensors). (default: the weights that the project ships)")
  var checkpoint: String?

  @Option(
    help: ArgumentHelp(
      """
      best: predict the kernel from the picture's spectrum (--steps adapt it); paper: the published procedure, exactly. \
      Options below change single parts. (default: best, with weights that can)
      """))
  var mode: MethodOptions.Mode?

  @Option(help: "Adaptation steps, or iterations. (default: 0; --mode paper: 200; kernelgan: 3000)")
  var steps: Int?

  @Option(help: "Seed of the patches and the noise.")
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp("The generator's learning rate. (default: 0.002; paper: 0.01)", valueName: "rate"))
  var generatorRate: Double?

  @Option(
    help: ArgumentHelp("The discriminator's learning rate. (default: 0.1; paper: 0.2)", valueName: "rate"))
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
    help: ArgumentHelp(
      "Average the kernel over so many last steps. (default: 100; paper: 0)", valueName: "steps"))
  var averagedSteps: Int?

  @Option(
    help: ArgumentHelp(
      "Work on the central part of so many enlarged pixels a side; of methods that make the picture as well. (default: all)",
      valueName: "side"))
  var crop: Int?

  @Flag(help: "Divide the kernel by its sum.")
  var normalise = false

  @Option(help: ArgumentHelp("How to estimate: \(Self.methodList)", valueName: "name"))
  var method = MetaKernelGANMethod.name

  private static let methodList =
    EstimationMethods.all.map { "\($0.name) \($0.summary)" }.joined(separator: "; ") + "."

  /// What is chosen, as a restorer takes it.
  ///
  /// - Parameter fetched: a checkpoint to start from in place of the chosen one.
  func restorerOptions(fetched: String? = nil) -> Restorer.Options {
    var options = Restorer.Options()
    options.method = method
    options.estimation.checkpoint = fetched ?? checkpoint
    (options.estimation.mode, options.estimation.steps) = (mode, steps)
    options.estimation.generatorRate = generatorRate
    options.estimation.discriminatorRate = discriminatorRate
    options.estimation.patches = patches
    (options.estimation.border, options.estimation.averagedSteps) = (border, averagedSteps)
    options.estimation.crop = crop
    if normalise { options.estimation.normalised = true }
    return options
  }

  func validate() throws {
    guard EstimationMethods.named(method) != nil else {
      throw ValidationError("\(RestorationError.unknownMethod(method))")
    }
    func require(_ holds: Bool, _ message: String) throws { if !holds { throw ValidationError(message) } }
    try require((0...1_000_000).contains(steps ?? 0), "--steps must be from 0 to 1000000.")
    try CropSide.check(crop)
    try require((1...64).contains(patches ?? 1), "--patches must be from 1 to 64.")
    try require(
      (0...(steps ?? 200)).contains(averagedSteps ?? 0), "--average must be from 0 to the number of steps.")
    for (name, rate) in [("--generator-rate", generatorRate), ("--discriminator-rate", discriminatorRate)] {
      try require(rate.map { $0.isFinite && $0 >= 0 } ?? true, "\(name) must be a number of at least 0.")
    }
  }
}

extension EstimationSettings.Border: ExpressibleByArgument {}
extension MethodOptions.Mode: ExpressibleByArgument {}
