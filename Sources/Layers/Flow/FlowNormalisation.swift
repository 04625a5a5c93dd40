import Numerics

/// The batch norm between couplings, which is part of the flow: feature by feature
///
///     y = (x - mean) / sqrt(variance + 1e-5) exp(g) + beta,  log |det| = sum of g - log(variance + 1e-5) / 2
///
/// with the batch's own mean and unbiased variance in training, and running ones afterwards.
struct FlowNormalisation: Sendable {
  static let epsilon = 1e-5
  /// The old value's share in the running statistics.
  static let momentum = 0.9

  let features: Int
  private let offset: Int
  /// Where the running mean and variance stand among the flow's statistics.
  private let statistics: Int

  init(_ name: String, features: Int, statistics: Int, in layout: inout TensorLayout) {
    (self.features, self.statistics, offset) = (features, statistics, layout.count)
    layout.append(name + ".log-scale", [features])
    layout.append(name + ".shift", [features])
  }

  struct Pass {
    /// (x - mean) / deviation.
    fileprivate let normalised: Columns
    fileprivate let inverseDeviations: [Double]
    fileprivate let isOfBatch: Bool
  }

  /// Turns x into y.
  /// - Parameters:
  ///   - values: the flow's statistics.
  ///   - updating: true to use the batch's own statistics, which move the running ones; false to use the running ones.
  /// - Returns: the pass, and the logarithm of the determinant.
  func forward(
    _ x: inout Columns, parameters: UnsafePointer<Double>, statistics values: inout [Double], updating: Bool
  ) -> (pass: Pass, logarithm: Double) {
    var normalised = x
    var inverse: [Double] = []
    var logarithm = 0.0
    for row in 0..<features {
      let (mean, variance) =
        updating ? Self.moments(x, row) : (values[statistics + row], values[statistics + features + row])
      if updating { move(&values, row: row, towards: (mean, variance)) }
      let factor = 1 / (variance + Self.epsilon).squareRoot()
      let scale = parameters[offset + row]
      let gain = Elementary.exponential(scale)
      for sample in 0..<x.count {
        let value = (x[row, sample] - mean) * factor
        normalised[row, sample] = value
        x[row, sample] = value * gain + parameters[offset + features + row]
      }
      logarithm += scale + Elementary.logarithm(factor)
      inverse.append(factor)
    }
    return (Pass(normalised: normalised, inverseDeviations: inverse, isOfBatch: updating), logarithm)
  }

  /// Turns the gradient by y into the gradient by x.
  /// - Parameter byLogarithm: the gradient by the determinant's logarithm, summed over samples.
  func backward(
    _ d: inout Columns, through pass: Pass, parameters: UnsafePointer<Double>, byLogarithm: Double,
    gradient: UnsafeMutablePointer<Double>?
  ) {
    let count = Double(d.count)
    for row in 0..<features {
      let gain = Elementary.exponential(parameters[offset + row])
      var (sum, product) = (0.0, 0.0)
      for sample in 0..<d.count {
        sum += d[row, sample]
        product += d[row, sample] * pass.normalised[row, sample]
      }
      gradient?[offset + row] = product * gain + byLogarithm
      gradient?[offset + features + row] = sum
      let factor = pass.inverseDeviations[row] * gain
      // Through the variance: of the values, and of the determinant.
      let byVariance =
        pass.isOfBatch ? (product * gain + byLogarithm) * pass.inverseDeviations[row] / (count - 1) : 0
      let mean = pass.isOfBatch ? sum / count : 0
      for sample in 0..<d.count {
        d[row, sample] = factor * (d[row, sample] - mean) - byVariance * pass.normalised[row, sample]
      }
    }
  }

  /// Turns y into x with the running statistics.
  func inverse(_ y: inout Columns, parameters: UnsafePointer<Double>, statistics values: [Double]) {
    for row in 0..<features {
      let factor = inverseFactor(row, parameters: parameters, statistics: values)
      for sample in 0..<y.count {
        y[row, sample] =
          (y[row, sample] - parameters[offset + features + row]) * factor + values[statistics + row]
      }
    }
  }

  /// Turns the gradient by x into the gradient by y; parameters are fixed.
  func inverseBackward(_ d: inout Columns, parameters: UnsafePointer<Double>, statistics values: [Double]) {
    for row in 0..<features {
      let factor = inverseFactor(row, parameters: parameters, statistics: values)
      for sample in 0..<d.count { d[row, sample] *= factor }
    }
  }

  /// The derivative of x by y for one feature.
  private func inverseFactor(
    _ row: Int, parameters: UnsafePointer<Double>, statistics values: [Double]
  ) -> Double {
    (values[statistics + features + row] + Self.epsilon).squareRoot()
      * Elementary.exponential(-parameters[offset + row])
  }

  private func move(_ values: inout [Double], row: Int, towards batch: (mean: Double, variance: Double)) {
    for (at, new) in [(statistics + row, batch.mean), (statistics + features + row, batch.variance)] {
      values[at] = Self.momentum * values[at] + (1 - Self.momentum) * new
    }
  }

  private static func moments(_ x: Columns, _ row: Int) -> (mean: Double, variance: Double) {
    let line = x.values[row * x.stride..<row * x.stride + x.count]
    let mean = line.reduce(0, +) / Double(x.count)
    let squares = line.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, squares / Double(x.count - 1))
  }
}
