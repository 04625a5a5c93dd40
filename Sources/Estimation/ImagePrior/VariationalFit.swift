import Layers
import Numerics

/// The fit of BSRDM, an expectation maximisation: the picture network and the Gaussian kernel descend on a likelihood
/// whose noise varies from place to place, and Langevin dynamics moves the network's input.
final class VariationalFit: BlindFit {
  private let problem: BlindProblem
  private let network: PictureNetwork
  private let prior: GaussianKernel
  private let blurring: Blurring
  private let workspace: Workspace
  private let similarity: Dissimilarity, squares: SquaredDifference
  private let sparse: SparseGradients
  /// The bilinear enlargement, to which the network is fitted first.
  private let start: Raster
  /// 1 / variance of the noise, for every value of the given picture.
  private let precision: Raster
  private var normals: Philox
  private var done = 0

  private static let form = Hourglass.Form(inputs: 8, scales: 3, channels: 96, nonLocal: 3...3)
  static let leastSide = form.leastSide
  /// Iterations of the warm start; updates and Langevin steps in a block; and the number of blocks.
  static let warm = 50, descents = 50, moves = 5, blocks = 8
  static let steps = warm + blocks * (descents + moves)
  /// The iteration after the warm start from which on the variance is not measured any more.
  private static let measured = 300
  private static let rate = 2e-3, longest = 10.0
  /// Weight of the sparse gradients, rho.
  private static let sparsity = 0.2

  init(_ problem: BlindProblem, key: UInt64, in workspace: Workspace) throws(NumericsError) {
    (self.problem, self.workspace) = (problem, workspace)
    normals = Philox(key: key, stream: PictureNetwork.Stream.normals.rawValue)
    let (height, width) = (problem.largeHeight, problem.largeWidth)
    let latent = Raster(channels: Self.form.inputs, height: height, width: width)
    normals.fill(latent, workspace.unit)
    network = try PictureNetwork(Self.form, latent.map(in: workspace), key: key, in: workspace)
    prior = GaussianKernel(
      side: problem.side, scale: problem.scale, weight: 1 / Double(problem.target.count), in: workspace)
    blurring = problem.blurring(.reflection, in: workspace)
    (similarity, squares) = (Dissimilarity(workspace.unit), SquaredDifference(workspace.unit))
    sparse = SparseGradients(workspace)
    start = problem.target.enlarged(by: problem.scale, in: workspace)
    precision = Raster(height: problem.target.height, width: problem.target.width)
    precision.values.update(repeating: 1 / (0.01 * 0.01))
  }

  func advance() {
    defer { done += 1 }
    let iteration = done - Self.warm
    guard iteration >= 0 else {
      network.backward(similarity(network.forward(), start).gradient)
      network.descend(rate: Self.rate, longest: Self.longest)
      return
    }
    let place = iteration % (Self.descents + Self.moves)
    let isMeasured = place == 0 && iteration > 0 && iteration < Self.measured
    let (byInput, byKernel) = slopes(measuringVariance: isMeasured)
    if place < Self.descents {
      network.descend(rate: Self.rate, longest: Self.longest)
      prior.descend(along: byKernel)
    } else {
      moveInput(along: byInput, withNoise: iteration < Self.blocks * (Self.descents + Self.moves) / 3)
    }
  }

  /// The gradients of 1/n (sum residual^2 / (2 variance) + rho sum |gradient|^0.67 + |code|^2 / 2), where n is the
  /// number of values of the given picture and code are the kernel's parameters.
  private func slopes(measuringVariance: Bool) -> (input: Map, kernel: FloatBuffer) {
    let kernel = prior.kernel()
    let picture = network.forward()
    let blurred = blurring.forward(picture, kernel.pointer)
    if measuringVariance { measureVariance(squares.difference(blurred, problem.target)) }
    let loss = squares.weighted(blurred, problem.target, by: precision)
    let slopes = blurring.backward(loss.gradient, kernel.pointer)
    _ = sparse(picture, weight: Self.sparsity / Double(problem.target.count), gradient: slopes.picture)
    return (network.backward(slopes.picture), slopes.kernel)
  }

  private func measureVariance(_ residual: Raster) {
    for i in residual.values.indices { residual.values[i] *= residual.values[i] }
    let mean = residual.localMean(reach: 7, workspace.unit)
    // A residual of nothing would have infinite weight; 1e-7 is a twelfth of an 8-bit level.
    for i in mean.values.indices { precision.values[i] = 1 / max(mean.values[i], 1e-7) }
  }

  /// Makes one step of Langevin dynamics: a move of length 1/2 against the gradient, and noise of length 1.
  private func moveInput(along gradient: Map, withNoise: Bool) {
    let input = network.input
    move(input, along: gradient, by: -0.5)
    guard withNoise else { return }
    let shape = input.shape
    let noise = Raster(channels: shape.channels, height: shape.height, width: shape.width)
    normals.fill(noise, workspace.unit)
    move(input, along: noise.map(in: workspace), by: 1)
  }

  private func move(_ map: Map, along direction: Map, by length: Float) {
    let loops = workspace.unit.loops
    let norm = loops.dot(direction.pointer, direction.pointer, direction.shape.count).squareRoot()
    guard norm > 0 else { return }
    loops.add_scaled(map.pointer, direction.pointer, length / norm, map.shape.count)
  }

  var kernel: [Float] { prior.kernel().array }
  var picture: Raster { network.forward() }
}

extension Philox {
  /// Fills a raster with unit normals; takes one draw of the sequence as their key.
  fileprivate mutating func fill(_ raster: Raster, _ unit: VectorUnit) {
    let values = FloatBuffer((raster.count + 63) / 64 * 64)
    Philox.normals(key: next(), stream: 0, into: values.pointer, count: values.count, unit: unit)
    raster.pointer.update(from: values.pointer, count: raster.count)
  }
}

extension Raster {
  /// The bilinear enlargement by a power of two, in steps of 2.
  fileprivate func enlarged(by scale: Int, in workspace: Workspace) -> Raster {
    var (map, factor) = (map(in: workspace), 1)
    while factor < scale {
      factor *= 2
      map = BilinearEnlargement(in: workspace).forward(
        map, height: factor * height, width: factor * width)
    }
    return Raster(map)
  }

  /// The mean of the (2 reach + 1)^2 values around each value, as far as they lie within the picture.
  func localMean(reach: Int, _ unit: VectorUnit) -> Raster {
    let down = Raster(channels: channels, height: height, width: width)
    let result = Raster(channels: channels, height: height, width: width)
    for channel in 0..<channels {
      for y in 0..<height {
        let rows = max(y - reach, 0)...min(y + reach, height - 1)
        let (sum, mean) = (down.row(y, channel), result.row(y, channel))
        for row in rows { unit.loops.add_scaled(sum, self.row(row, channel), 1, width) }
        for x in 0..<width {
          let columns = max(x - reach, 0)...min(x + reach, width - 1)
          mean[x] =
            unit.loops.sum(sum + columns.lowerBound, columns.count) / Float(rows.count * columns.count)
        }
      }
    }
    return result
  }
}
