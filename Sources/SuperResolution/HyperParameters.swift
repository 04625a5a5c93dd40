import Checkpoints
import Foundation

/// USRNet's hyper-parameter module: from noise level and scale, how strongly each iteration's data step holds to the
/// prior's picture (alpha) and the noise level that its prior is told (beta). Two hidden layers of 32, in double
/// precision.
struct HyperParameters: Sendable {
  static let layout: [(name: String, shape: [Int])] = [
    ("h.mlp.0.weight", [32, 2, 1, 1]), ("h.mlp.0.bias", [32]),
    ("h.mlp.2.weight", [32, 32, 1, 1]), ("h.mlp.2.bias", [32]),
    ("h.mlp.4.weight", [2 * USRNetWeights.iterations, 32, 1, 1]),
    ("h.mlp.4.bias", [2 * USRNetWeights.iterations]),
  ]

  private let layers: [(weight: [Double], bias: [Double])]

  init(_ file: Checkpoint) {
    layers = [0, 2, 4].map { layer in
      (
        file.values("h.mlp.\(layer).weight").map(Double.init),
        file.values("h.mlp.\(layer).bias").map(Double.init)
      )
    }
  }

  /// - Parameter noise: standard deviation of pictures in [0, 1].
  func values(noise: Double, scale: Int) -> [(alpha: Float, beta: Float)] {
    var values = [noise, Double(scale)]
    for (index, layer) in layers.enumerated() {
      let sums = layer.bias.enumerated().map { row, bias in
        values.enumerated().reduce(bias) {
          $0 + layer.weight[row * values.count + $1.offset] * $1.element
        }
      }
      values =
        index < layers.count - 1
        ? sums.map { max($0, 0) } : sums.map { log1p(exp(-abs($0))) + max($0, 0) + 1e-6 }
    }
    let count = values.count / 2
    return (0..<count).map { (Float(values[$0]), Float(values[count + $0])) }
  }
}
