import CLoops
import Numerics

/// Batch normalisation of one hidden layer on batch statistics, 64 channels over N rows: what the loops need, made
/// from the sums they bring. Its epsilon is not negligible: variances go down to 5e-7.
final class BatchNorm {
  static let epsilon: Float = 1e-5

  /// Offsets of the learned scale and shift in a state.
  let weight: Int, bias: Int
  /// Mean, scale and shift, 64 each: y becomes (y - mean) * scale + shift.
  private let values = FloatBuffer(3 * Architecture.width)
  /// 1 / sqrt(variance + epsilon), a channel.
  let inverseDeviation = FloatBuffer(Architecture.width)
  // Sums of y - origin and its square; in the backward pass of d and d * (y - mean).
  let origin = FloatBuffer(Architecture.width)
  let sums = FloatBuffer(Architecture.width), products = FloatBuffer(Architecture.width)
  // Coefficients of the backward pass: dy = a d + (b (y - mean) + c).
  let a = FloatBuffer(Architecture.width), b = FloatBuffer(Architecture.width),
    c = FloatBuffer(Architecture.width)

  init(layer: Int, of architecture: Architecture) {
    guard let weight = architecture.layout["discriminator.norm\(layer).weight"],
      let bias = architecture.layout["discriminator.norm\(layer).bias"]
    else { preconditionFailure("no normalised layer \(layer)") }
    (self.weight, self.bias) = (weight.offset, bias.offset)
  }

  var mean: UnsafeMutablePointer<Float> { values.pointer }
  var scale: UnsafeMutablePointer<Float> { values.pointer + Architecture.width }
  var shift: UnsafeMutablePointer<Float> { values.pointer + 2 * Architecture.width }
  /// The same 192 floats as the loops take them.
  var normalisation: UnsafePointer<cloops_normalisation> {
    UnsafeRawPointer(values.pointer).assumingMemoryBound(to: cloops_normalisation.self)
  }

  /// Sums are taken about the first row, so that they cancel little whatever the mean.
  func begin(firstRow: UnsafePointer<Float>) {
    origin.pointer.update(from: firstRow, count: origin.count)
    clearSums()
  }

  func clearSums() {
    sums.clear()
    products.clear()
  }

  /// Turns the sums over `rows` rows into the normalisation.
  func finish(rows: Int, _ state: UnsafePointer<Float>) {
    let n = Float(rows)
    for i in 0..<Architecture.width {
      let offset = sums.pointer[i] / n
      let variance = max(products.pointer[i] / n - offset * offset, 0)
      let inverse = 1 / (variance + Self.epsilon).squareRoot()
      inverseDeviation.pointer[i] = inverse
      mean[i] = origin.pointer[i] + offset
      scale[i] = inverse * state[weight + i]
      shift[i] = state[bias + i]
    }
  }

  /// From the backward sums to the coefficients a, b, c; the gradients of scale and shift are added to `gradient`
  /// where there is one.
  func finishBackward(rows: Int, _ gradient: UnsafeMutablePointer<Float>?) {
    let n = Float(rows)
    for i in 0..<Architecture.width {
      let inverse = inverseDeviation.pointer[i]
      let sum = sums.pointer[i]
      let product = products.pointer[i]
      a.pointer[i] = scale[i]
      b.pointer[i] = -scale[i] * inverse * inverse * (product / n)
      c.pointer[i] = -scale[i] * (sum / n)
      gradient?[weight + i] += product * inverse
      gradient?[bias + i] += sum
    }
  }
}
