import BlurKernels
import Layers
import Numerics

/// The fit of DKP, with its Markov chain Monte Carlo on kernels: the kernel network is trained towards random
/// Gaussian kernels, which weigh more the better they explain the given picture from the current large one. Between
/// these updates, picture network and kernel network descend on the picture's loss as in `JointFit`.
final class RandomKernelFit: BlindFit {
  private let problem: BlindProblem
  private let network: PictureNetwork
  private let prior: DenseKernel
  private let blurring: Blurring
  private let workspace: Workspace
  private let similarity: Dissimilarity, squares: SquaredDifference
  private let sparse: SparseGradients
  private var draws: Philox
  /// The kernel's gradients since its last update.
  private let pending: FloatBuffer
  private var done = 0

  /// Updates of the kernel network on random kernels before the first iteration.
  private static let warmUp = 200
  /// Random kernels in a round, iterations in a round, and iterations from one update of the kernel network to the
  /// next.
  private static let kernels = 5, round = 5, interval = 3
  private static let similarityIterations = 80 * round
  private static let rate = 5e-3
  private static let sparsity = 0.001 * 0.2

  init(_ problem: BlindProblem, key: UInt64, in workspace: Workspace) throws(NumericsError) {
    (self.problem, self.workspace) = (problem, workspace)
    network = try PictureNetwork(PictureNetwork.large, problem, key: key, in: workspace)
    prior = try DenseKernel(side: problem.side, key: key, in: workspace)
    blurring = problem.blurring(.circular, in: workspace)
    (similarity, squares) = (Dissimilarity(workspace.unit), SquaredDifference(workspace.unit))
    sparse = SparseGradients(workspace)
    draws = Philox(key: key, stream: PictureNetwork.Stream.draws.rawValue)
    pending = FloatBuffer(problem.side * problem.side)
    for _ in 0..<Self.warmUp { pull([(drawKernel(), 1)]) }
  }

  func advance() {
    let picture = network.forward()
    if done.isMultiple(of: Self.round) { pull(weighted(by: picture)) }
    let kernel = prior.kernel()
    let blurred = blurring.forward(picture, kernel.pointer)
    let loss =
      done < Self.similarityIterations
      ? similarity(blurred, problem.target) : squares.mean(blurred, problem.target)
    let slopes = blurring.backward(loss.gradient, kernel.pointer)
    let weight = Self.sparsity / Double(problem.largeWidth * problem.largeHeight)
    _ = sparse(picture, weight: weight, gradient: slopes.picture)
    network.backward(slopes.picture)
    network.descend(rate: Self.rate)
    workspace.unit.loops.add_scaled(pending.pointer, slopes.kernel.pointer, 1, pending.count)
    done += 1
    if done.isMultiple(of: Self.interval) {
      prior.descend(along: pending)
      pending.clear()
    }
  }

  /// Random kernels with their weights, which are the larger the better a kernel turns `picture` into the given
  /// picture.
  private func weighted(by picture: Raster) -> [(kernel: FloatBuffer, weight: Double)] {
    let kernels = (0..<Self.kernels).map { _ in drawKernel() }
    let errors = kernels.map {
      squares.mean(blurring.forward(picture, $0.pointer), problem.target).value
    }
    let least = errors.min() ?? 0
    let sum = errors.reduce(0) { $0 + $1 - least }
    return zip(kernels, errors).map { kernel, error in
      let p = sum > 0 ? (error - least) / sum : 0
      return (kernel, -(1 - p) * (1 - p) * Elementary.logarithm(p + 1e-3))
    }
  }

  /// Makes one update of the kernel network on the weighted sum of its mean squared differences from kernels.
  private func pull(_ kernels: [(kernel: FloatBuffer, weight: Double)]) {
    let present = prior.kernel()
    let gradient = FloatBuffer(present.count)
    for (kernel, weight) in kernels {
      let factor = Float(2 * weight / Double(present.count))
      for i in 0..<present.count {
        gradient.pointer[i] += factor * (present.pointer[i] - kernel.pointer[i])
      }
    }
    prior.descend(along: gradient)
  }

  /// Draws a Gaussian of any direction whose variances are uniform on a range that depends on the scale.
  private func drawKernel() -> FloatBuffer {
    let scale = Double(problem.scale)
    let variances = 0.175 * scale + scale - 1..<min(2.5 * scale, 10) + scale + 6
    let lambda1 = draws.uniform(in: variances)
    let lambda2 = draws.uniform(in: variances)
    let covariance = BlurKernel.Covariance(
      lambda1: lambda1, lambda2: lambda2, theta: draws.uniform(in: 0..<Double.pi))
    let centre = Double(problem.side - problem.scale) / 2
    let kernel = BlurKernel.gaussian(side: problem.side, centre: (centre, centre), covariance: covariance)
    let result = FloatBuffer(kernel.values.count)
    result.load(kernel.normalised().values.map(Float.init))
    return result
  }

  var kernel: [Float] { prior.kernel().array }
  var picture: Raster { network.forward() }
}
