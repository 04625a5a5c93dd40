import Layers
import Numerics

/// Measures a training convolution of `Layers`, 3x3 with mirrored borders, on one core.
package struct ConvolutionBench {
  package let channels: Int
  private let layer: Convolution
  private let input: Map
  private let workspace: Workspace

  /// Fractions of the peak: products that the convolution is defined with, a second, of those that one core can do.
  package struct Shares: Sendable {
    package let forward: Double
    /// The gradients by input and weights together.
    package let backward: Double
  }

  /// - Parameter side: of the square map.
  /// - Throws: `NumericsError` on a processor without AVX2.
  package init(channels: Int, side: Int) throws {
    self.channels = channels
    workspace = try Workspace()
    var random = Philox(key: 1)
    layer = try Convolution(
      inputs: channels, outputs: channels, .square(padding: .reflection), in: workspace, using: &random)
    input = workspace.zeros(MapShape(height: side, width: side, channels: channels))
    for i in input.values.indices { input.values[i] = Float(random.uniform()) }
  }

  /// The best of several tries, the peak being measured between them.
  package func measure(tries: Int) -> Shares {
    var (forward, backward, peak) = (Double.infinity, Double.infinity, 0.0)
    let clock = ContinuousClock()
    for _ in 0..<tries {
      peak = max(peak, workspace.unit.measurePeak(tries: 2))
      let start = clock.now
      let output = layer.forward(input)
      let middle = clock.now
      _ = layer.backward(output)
      forward = min(forward, (middle - start).seconds)
      backward = min(backward, (clock.now - middle).seconds)
    }
    let products = Double(9 * channels * channels * input.shape.pixels)
    return Shares(forward: products / forward / peak, backward: 2 * products / backward / peak)
  }
}
