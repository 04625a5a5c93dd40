internal import BlurKernels
import Numerics

/// A picture's kernel as the network's outputs give it, with bounds on its error.
package struct PredictedGaussian: Sendable {
  /// Three for the shape, and two bounds.
  package static let outputs = GaussianShape.outputs + 2
  /// The share of pictures whose kernel's error stays under each bound.
  package static let quantiles = [0.9, 0.5]

  package let shape: GaussianShape
  /// LK-COV stays under this in nine pictures of ten.
  package let covarianceBound: Double
  /// The root of the sum of squared differences stays under this in half of all pictures.
  package let typicalDifference: Double

  package init(_ outputs: [Float]) {
    shape = GaussianShape(outputs)
    (covarianceBound, typicalDifference) = (Self.bound(outputs[3]), Self.bound(outputs[4]))
  }

  static func bound(_ output: Float) -> Double { Elementary.exponential(min(max(Double(output), -20), 5)) }

  /// The gradient of the bounds' losses by outputs 3 and 4: quantile regression (Koenker, Bassett 1978) of the logarithms of what came
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
