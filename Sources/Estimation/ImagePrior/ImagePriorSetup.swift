import Imaging
import Layers
import Numerics

/// The part that methods with an image prior share: the options that they follow, and the way from a picture to the
/// result of a fit.
struct ImagePriorSetup: Sendable {
  /// Makes the fit of a problem; `key` is of all its draws, and all its layers share the workspace.
  typealias MakeFit = (
    _ problem: BlindProblem, _ key: UInt64, _ workspace: Workspace
  ) throws(NumericsError) -> any BlindFit

  let steps: Int
  private let crop: Int?
  private let method: String
  private let draws: MethodDraws
  private let leastSide: Int

  /// - Parameters:
  ///   - method: its name, for the texts of errors.
  ///   - more: options that it follows besides `--steps` and `--crop`.
  ///   - usualSteps: the number of steps where the options name none.
  ///   - leastSide: the least side of a large picture that its network takes, in pixels.
  /// - Throws: `EstimationError.notFollowed` where another option is set.
  init(
    _ options: MethodOptions, for method: String, following more: [String] = [], draws: MethodDraws,
    usualSteps: Int = 1000, leastSide: Int = PictureNetwork.large.leastSide
  ) throws(EstimationError) {
    try options.refuse(allBut: ["--steps", "--crop"] + more, for: method)
    (steps, crop) = (options.steps ?? usualSteps, options.crop)
    (self.method, self.draws, self.leastSide) = (method, draws, leastSide)
  }

  /// The estimate that `EstimationMethod.estimate` promises, by the fit that `makeFit` makes.
  /// - Throws: `EstimationError.tooSmall`, `.notFinite`, `.numerics` on a processor without AVX2, and what `onStep`
  ///   throws.
  func estimate(
    _ picture: Picture, scale: Int, seed: UInt64, recording: [Int],
    onStep: (Int) throws(EstimationError) -> Void, by makeFit: MakeFit
  ) throws(EstimationError) -> Estimate {
    let problem = try BlindProblem(picture, scale: scale, crop: crop, least: leastSide, method: method)
    let fit: any BlindFit
    do { fit = try makeFit(problem, draws.key(seed: seed), Workspace()) } catch {
      throw .numerics("\(error)")
    }
    return try problem.estimate(by: fit, steps: steps, recording: recording, onStep: onStep)
  }
}
