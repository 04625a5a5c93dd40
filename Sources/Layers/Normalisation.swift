import CLoops
import Numerics

/// Batch norm with the batch's own statistics (Ioffe, Szegedy: "Batch normalization", ICML 2015), followed by
/// LeakyReLU:
///
///     z = gain * (y - mean) / sqrt(variance + 1e-5) + shift;  out = z where z > 0, slope * z elsewhere
///
/// Mean and variance are those of a channel over all pixels of all pictures of the batch.
package final class Normalisation: Layer {
  package let parameters: [Parameter]
  /// (channels) as stored.
  package let gain: Parameter, shift: Parameter
  private let channels: Int
  private let slope: Float
  private let workspace: Workspace
  private let mean: FloatBuffer, scale: FloatBuffer
  /// 1 / sqrt(variance + 1e-5)
  private var inverse: [Double]
  private var input: Map?

  private static let epsilon = 1e-5

  /// - Parameters:
  ///   - gain: the initial gain of every channel; shifts start at 0.
  ///   - slope: the LeakyReLU's below 0; 1 for batch norm alone, 0 for ReLU.
  package init(channels: Int, gain: Float = 1, slope: Float = 1, in workspace: Workspace) {
    (self.channels, self.slope, self.workspace) = (channels, slope, workspace)
    let stored = MapShape.stored(channels)
    self.gain = Parameter(stored)
    shift = Parameter(stored)
    parameters = [self.gain, shift]
    (mean, scale) = (FloatBuffer(stored), FloatBuffer(stored))
    inverse = Array(repeating: 0, count: stored)
    for c in 0..<channels { self.gain.values.pointer[c] = gain }
  }

  package func forward(_ input: Map) -> Map {
    precondition(input.shape.channels == channels, "\(input.shape.channels) channels in place of \(channels)")
    measure(input)
    self.input = input
    let output = workspace.map(input.shape)
    var by = normalisation
    workspace.loops.normalise(input.pointer, input.shape.pixels, inverse.count, &by, output.pointer)
    return output
  }

  package func backward(_ gradient: Map) -> Map {
    guard let input else { preconditionFailure("backward without forward") }
    self.input = nil
    let stored = inverse.count
    let (sums, products) = (FloatBuffer(stored), FloatBuffer(stored))
    var (sum, product) = ([Double](repeating: 0, count: stored), [Double](repeating: 0, count: stored))
    var by = normalisation
    for (start, count) in input.shape.blocks {
      sums.clear()
      products.clear()
      workspace.loops.normalise_sums(
        input.pointer + start * stored, count, stored, &by, gradient.pointer + start * stored,
        sums.pointer, products.pointer)
      for c in 0..<stored {
        sum[c] += Double(sums.pointer[c])
        product[c] += Double(products.pointer[c])
      }
    }
    passOn(gradient, input, sum: sum, product: product)
    return gradient
  }

  /// dy = a dz + b (y - mean) + e, from the sums of dz and of dz (y - mean).
  private func passOn(_ gradient: Map, _ input: Map, sum: [Double], product: [Double]) {
    let stored = inverse.count
    let (a, b, e) = (FloatBuffer(stored), FloatBuffer(stored), FloatBuffer(stored))
    let pixels = Double(input.shape.pixels)
    for c in 0..<stored {
      shift.gradient.pointer[c] += Float(sum[c])
      gain.gradient.pointer[c] += Float(product[c] * inverse[c])
      let factor = Double(gain.values.pointer[c]) * inverse[c]
      a.pointer[c] = Float(factor)
      b.pointer[c] = Float(-factor * inverse[c] * inverse[c] * product[c] / pixels)
      e.pointer[c] = Float(-factor * sum[c] / pixels)
    }
    workspace.loops.normalise_backward(
      input.pointer, input.shape.pixels, stored, mean.pointer, a.pointer, b.pointer, e.pointer,
      gradient.pointer)
  }

  private var normalisation: clayers_normalisation {
    clayers_normalisation(
      mean: mean.pointer, scale: scale.pointer, shift: shift.values.pointer, slope: slope)
  }

  /// Measures mean and variance: blocks are summed about the first block's mean in single precision, and these sums are
  /// added in double precision.
  private func measure(_ input: Map) {
    let stored = inverse.count
    let pixels = input.shape.pixels
    let (about, sums, squares) = (FloatBuffer(stored), FloatBuffer(stored), FloatBuffer(stored))
    let first = min(64, pixels)
    workspace.loops.moments(input.pointer, first, stored, about.pointer, sums.pointer, squares.pointer)
    for c in 0..<stored { about.pointer[c] = sums.pointer[c] / Float(first) }
    var (sum, square) = ([Double](repeating: 0, count: stored), [Double](repeating: 0, count: stored))
    for (start, count) in input.shape.blocks {
      sums.clear()
      squares.clear()
      workspace.loops.moments(
        input.pointer + start * stored, count, stored, about.pointer, sums.pointer, squares.pointer)
      for c in 0..<stored {
        sum[c] += Double(sums.pointer[c])
        square[c] += Double(squares.pointer[c])
      }
    }
    for c in 0..<stored {
      let difference = sum[c] / Double(pixels)
      let variance = max(square[c] / Double(pixels) - difference * difference, 0)
      mean.pointer[c] = Float(Double(about.pointer[c]) + difference)
      inverse[c] = 1 / (variance + Self.epsilon).squareRoot()
      scale.pointer[c] = Float(Double(gain.values.pointer[c]) * inverse[c])
    }
  }
}
