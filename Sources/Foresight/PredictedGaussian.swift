internal import BlurKernels

/// What the network says of a picture's kernel before any adaptation.
package struct PredictedGaussian: Sendable {
  /// Three of the shape, and two bounds.
  package static let outputs = GaussianShape.outputs + 2
  /// Of the kernels of one picture, the share whose error stays under each bound.
  package static let quantiles = [0.9, 0.5]

  package let shape: GaussianShape
  /// Under which LK-COV stays in nine pictures of ten.
  package let covarianceBound: Double
  /// The root of the sum of squared differences that half of all pictures stay under.
  package let typicalDifference: Double

  package init(_ outputs: [Float]) {
    shape = GaussianShape(outputs)
    (covarianceBound, typicalDifference) = (Self.bound(outputs[3]), Self.bound(outputs[4]))
  }

  static func bound(_ output: Float) -> Double { Elementary.exponential(min(max(Double(output), -20), 5)) }

  /// The bounds' losses by outputs 3 and 4: quantile regression (Koenker, Bassett 1978) of the logarithms of what came
  /// out, which has the same quantiles and the same slope at every size.
  package func boundsBackward(covarianceDistance: Double, squaredDifferences: Double) -> [Float] {
    let outcomes = [
      (covarianceDistance, covarianceBound), (squaredDifferences.squareRoot(), typicalDifference),
    ]
    return zip(outcomes, Self.quantiles).map { outcome, quantile in
      Float(outcome.0 > outcome.1 ? -quantile : 1 - quantile)
    }
  }
}
