import Checkpoints
import Imaging
import Layers
import Numerics

/// A method that fits a picture network and a kernel together to one picture. It implements `fit` and, of
/// `EstimationMethod`, the name, the summary and `init`; the extension below implements the rest.
protocol ImagePriorMethod: EstimationMethod {
  var setup: ImagePriorSetup { get }

  /// Makes the fit of a problem.
  /// - Parameters:
  ///   - key: of all draws.
  ///   - workspace: of all layers.
  func fit(
    _ problem: BlindProblem, key: UInt64, in workspace: Workspace
  ) throws(NumericsError) -> any BlindFit
}

/// The options that an `ImagePriorMethod` follows, with its name, its draws and the least picture that it takes.
struct ImagePriorSetup: Sendable {
  let steps: Int
  fileprivate let crop: Int?
  fileprivate let method: String
  fileprivate let draws: MethodDraws
  fileprivate let leastSide: Int

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
}

extension ImagePriorMethod {
  public static var startsFromWeights: Bool { false }
  public var steps: Int { setup.steps }
  public var checkpoint: Checkpoint? { nil }

  /// - Throws: `EstimationError.tooSmall`, `.notFinite`, `.numerics` on a processor without AVX2, and what `onStep`
  ///   throws.
  public func estimate(
    _ picture: Picture, scale: Int, seed: UInt64, recording: [Int],
    onStep: (Int) throws(EstimationError) -> Void
  ) throws -> Estimate {
    let problem = try BlindProblem(
      picture, scale: scale, crop: setup.crop, least: setup.leastSide, method: setup.method)
    let fit: any BlindFit
    do { fit = try self.fit(problem, key: setup.draws.key(seed: seed), in: Workspace()) } catch {
      throw EstimationError.numerics("\(error)")
    }
    var estimate = try problem.estimate(by: fit, steps: steps, recording: recording, onStep: onStep)
    estimate.start = checkpoint
    return estimate
  }
}
