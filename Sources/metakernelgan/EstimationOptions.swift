import ArgumentParser
import Checkpoints
import Estimation
import Foundation

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

  @Flag(help: "Divide the kernel by its sum.")
  var normalise = false

  @Option(help: ArgumentHelp("How to estimate: \(Self.methodList)", valueName: "name"))
  var method = MetaKernelGANMethod.name

  private static let methodList =
    EstimationMethods.all.map { "\($0.name) \($0.summary)" }.joined(separator: "; ") + "."

  private func options(fetched: String?, refinement: String?) -> MethodOptions {
    var options = MethodOptions()
    (options.checkpoint, options.mode, options.steps) = (fetched ?? checkpoint, mode, steps)
    (options.generatorRate, options.discriminatorRate) = (generatorRate, discriminatorRate)
    (options.patches, options.border, options.averagedSteps) = (patches, border, averagedSteps)
    if normalise { options.normalised = true }
    options.refinement = refinement
    return options
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

  /// The chosen method with its checkpoint.
  ///
  /// - Parameters:
  ///   - fetched: a checkpoint to start from in place of the chosen one.
  ///   - refinement: USRNet-tiny's weights, to refine a predicted kernel with.
  /// - Throws: exit code 64 or 78 with one line where it cannot be used so.
  func loadMethod(fetched: String? = nil, refinement: String? = nil) throws -> any EstimationMethod {
    do { return try makeMethod(fetched: fetched, refinement: refinement) } catch let error as ValidationError
    { throw error } catch {
      throw Exit.because("\(error)", Exit.configuration)
    }
  }

  /// As `loadMethod`, with the method's own errors.
  func makeMethod(fetched: String?, refinement: String? = nil) throws -> any EstimationMethod {
    let options = options(fetched: fetched, refinement: refinement)
    guard let type = EstimationMethods.named(method) else {
      throw ValidationError(
        "--method knows \(EstimationMethods.all.map { $0.name }.joined(separator: ", ")), not '\(method)'.")
    }
    do { return try type.init(options) } catch let error as EstimationError {
      guard case .notFollowed = error else { throw error }
      throw ValidationError("\(error)")
    }
  }
}

extension EstimationSettings.Border: ExpressibleByArgument {}
extension MethodOptions.Mode: ExpressibleByArgument {}
