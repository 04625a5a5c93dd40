import Layers
import Numerics

/// The fit of Double-DIP, DIP-Softmax and DIP-FKP, which differ only in the kernel prior: picture network and kernel
/// prior together descend on the difference between the blurred picture and the given one.
///
/// The loss is 1 - SSIM in the first 80 iterations and the mean squared difference afterwards. The blur is circular.
final class JointFit: BlindFit {
  private let problem: BlindProblem
  private let network: PictureNetwork
  private let prior: any KernelPrior
  private let firstDescent: Int
  private let blurring: Blurring
  private let similarity: Dissimilarity, squares: SquaredDifference
  private var done = 0

  private static let similarityIterations = 80, rate = 5e-3

  /// - Parameters:
  ///   - frozen: the number of iterations before the kernel's first update.
  ///   - key: of the picture network's draws.
  init(
    _ problem: BlindProblem, _ prior: any KernelPrior, frozen: Int = 0, key: UInt64, in workspace: Workspace
  ) throws(NumericsError) {
    (self.problem, self.prior, firstDescent) = (problem, prior, frozen)
    network = try PictureNetwork(PictureNetwork.large, problem, key: key, in: workspace)
    blurring = problem.blurring(.circular, in: workspace)
    (similarity, squares) = (Dissimilarity(workspace.unit), SquaredDifference(workspace.unit))
  }

  func advance() {
    let kernel = prior.kernel()
    let blurred = blurring.forward(network.forward(), kernel.pointer)
    let loss =
      done < Self.similarityIterations
      ? similarity(blurred, problem.target) : squares.mean(blurred, problem.target)
    let slopes = blurring.backward(loss.gradient, kernel.pointer)
    network.backward(slopes.picture)
    network.descend(rate: Self.rate)
    if done >= firstDescent { prior.descend(along: slopes.kernel) }
    done += 1
  }

  var kernel: [Float] { prior.kernel().array }
  var picture: Raster { network.forward() }
}
