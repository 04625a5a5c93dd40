public import Networks

/// How a picture's kernel is estimated. Nothing is built in: rates, patches and the number of steps are settings, and
/// the starting parameters an argument of `Estimator.estimate`.
public struct EstimationSettings: Sendable, Equatable {
  /// Adaptation steps, Nadapt; 0 gives the start's own kernel.
  public var steps: Int
  /// Rates, loss weight and noise of the first steps.
  public var step: StepSettings
  /// After so many updates the generator's rate, and only that, is divided by 10.
  public var generatorRateDrops: [Int]
  /// Patches of 64x64 a step, in one batch.
  public var patches: Int
  /// What surrounds a patch where the generator looks beyond it.
  public var border: Border
  /// Kernels of so many last steps are averaged; 0 or 1 takes the last as it is.
  public var averagedSteps: Int
  /// Whether the kernel is divided by its sum at the end.
  public var normalised: Bool

  public enum Border: String, Sendable, CaseIterable, Codable {
    /// The patch repeated circularly, as the authors' code does.
    case patch
    /// The picture as it goes on around the patch.
    case picture
  }

  /// The paper's estimation, as the authors' code does it.
  public static let paper = EstimationSettings(
    steps: 200, step: .paper, generatorRateDrops: [50, 200], patches: 1, border: .patch, averagedSteps: 0,
    normalised: false)

  /// A predicted kernel is the result: adapting it further has not helped yet (docs/decisions.md). Where steps are asked
  /// for, they are smaller than the paper's, since they start close, and averaged, since at a constant rate the kernel
  /// wanders about.
  public static let refining: EstimationSettings = {
    var settings = paper
    settings.steps = 0
    settings.step.generatorRate = 0.002
    settings.step.discriminatorRate = 0.1
    settings.averagedSteps = 100
    return settings
  }()

  /// The settings of update number `index`, counted from 0.
  package func settings(ofUpdate index: Int) -> StepSettings {
    var settings = step
    for drop in generatorRateDrops where index >= drop { settings.generatorRate /= 10 }
    return settings
  }
}
