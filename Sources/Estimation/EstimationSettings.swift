public import Networks

/// The settings of an adaptation: rates, patches and the number of steps. The starting parameters are an argument of
/// `Estimator.estimate`.
public struct EstimationSettings: Sendable, Equatable {
  /// Adaptation steps, Nadapt; 0 gives the start's own kernel.
  public var steps: Int
  /// Rates, loss weight and noise of the first steps.
  public var step: StepSettings
  /// The numbers of updates after which the generator's rate is divided by 10; the discriminator's rate stays.
  public var generatorRateDrops: [Int]
  /// Patches of 64x64 a step, in one batch.
  public var patches: Int
  /// The continuation of a patch where the generator sees beyond it.
  public var border: Border
  /// The number of last steps whose kernels are averaged; 0 or 1 takes the last kernel.
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

  /// The settings for a predicted kernel, which is the result without steps: adaptation has not improved it
  /// (docs/decisions.md). Steps that a user asks for have smaller rates than the paper's, since they start close to
  /// the result, and their kernels are averaged, since at a constant rate the kernel fluctuates.
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
