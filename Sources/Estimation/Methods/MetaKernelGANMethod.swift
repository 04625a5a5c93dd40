public import Checkpoints
public import Imaging
import KernelGAN

/// The paper's method: 200 adaptation steps from a meta-learned start, the same for every picture (Algorithm 2).
public struct MetaKernelGANMethod: EstimationMethod {
  public static let name = "metakernelgan"
  public static let summary = "adapts the GAN from a meta-learned start (the paper's method)"

  public let settings: EstimationSettings
  private let start: Checkpoint

  public var steps: Int { settings.steps }
  public var checkpoint: Checkpoint? { start }

  public init(_ options: MethodOptions) throws {
    var settings = EstimationSettings.paper
    if let steps = options.steps { settings.steps = steps }
    if let rate = options.generatorRate { settings.step.generatorRate = rate }
    if let rate = options.discriminatorRate { settings.step.discriminatorRate = rate }
    if let patches = options.patches { settings.patches = patches }
    if let border = options.border { settings.border = border }
    if let averagedSteps = options.averagedSteps { settings.averagedSteps = averagedSteps }
    if let normalised = options.normalised { settings.normalised = normalised }
    self.settings = settings
    guard let path = options.checkpoint ?? ShippedWeights.path else { throw EstimationError.noCheckpoint }
    start = try Checkpoint(path: path, for: .paper)
  }

  public func estimate(
    _ picture: Picture, scale: Int, seed: UInt64, recording: [Int], onStep: (Int) -> Void
  ) throws -> Estimate {
    try Estimator(settings).estimate(
      picture, from: start.state(.paper), seed: seed, recording: recording, onStep: onStep
    ).at(scale: scale)
  }
}
