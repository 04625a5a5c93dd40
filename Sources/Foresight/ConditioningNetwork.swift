package import Networks
import Numerics

/// The network from a picture's spectrum to its kernel: a perceptron on averages over the picture's tiles, some of them
/// made by a network of their own. Workspace of one thread; parameters lie in a state of `Architecture.conditioned`.
package final class ConditioningNetwork {
  private let architecture: Architecture
  private let unit: VectorUnit
  private let tiles: TileNetwork
  private let layers: [Layer]
  private let mean: Int, deviation: Int
  /// Standardised features, then the tiles' averages.
  private let input = FloatBuffer(PowerSpectrum.count + TileNetwork.count)
  private let inputGradient = FloatBuffer(PowerSpectrum.count + TileNetwork.count)

  /// One layer: out = weight in + bias, rectified and thinned out in all but the last.
  private struct Layer {
    let weight: TensorLayout.Entry, bias: TensorLayout.Entry
    let outputs: Int, inputs: Int
    let value: FloatBuffer  // (outputs)
    /// What each output was multiplied with when it was rectified and thinned out, (outputs).
    let gate: FloatBuffer
    let gradient: FloatBuffer  // by `value`, (outputs)

    init(_ number: Int, _ layout: TensorLayout) {
      guard let weight = layout["conditioning.layer\(number).weight"],
        let bias = layout["conditioning.layer\(number).bias"]
      else { preconditionFailure("an architecture without conditioning") }
      (self.weight, self.bias) = (weight, bias)
      (outputs, inputs) = (weight.shape[0], weight.shape[1])
      (value, gate, gradient) = (FloatBuffer(outputs), FloatBuffer(outputs), FloatBuffer(outputs))
    }
  }

  /// - Precondition: `architecture` is conditioned.
  package init(_ architecture: Architecture) throws(NumericsError) {
    self.architecture = architecture
    unit = try VectorUnit.current()
    tiles = try TileNetwork(architecture)
    layers = (1...3).map { Layer($0, architecture.layout) }
    guard let mean = architecture.layout["conditioning.mean"],
      let deviation = architecture.layout["conditioning.deviation"]
    else { preconditionFailure("an architecture without conditioning") }
    (self.mean, self.deviation) = (mean.offset, deviation.offset)
  }

  /// Takes the parameters that the next tiles are looked at with.
  package func prepare(_ state: NetworkState) { tiles.prepare(state) }

  /// What `count` tiles come to.
  /// - Parameter logarithms: of their powers, (count, frequencies), as `PowerSpectrum` gives them.
  /// - Precondition: `prepare` was called since the state last changed.
  package func pool(_ logarithms: UnsafePointer<Float>, count: Int, _ state: NetworkState) -> TileNetwork.Pool
  {
    tiles.pool(logarithms, count: count, state)
  }

  /// The outputs for one picture.
  /// - Parameters:
  ///   - features: `PowerSpectrum.Sum`'s.
  ///   - pool: of all its tiles.
  ///   - thinning: in training, the share of the perceptron's hidden units left out and the numbers that choose them.
  package func forward(
    _ features: [Float], _ pool: TileNetwork.Pool, _ state: NetworkState,
    thinning: (share: Double, random: Philox)? = nil
  ) -> [Float] {
    let values = state.buffer.pointer
    for i in features.indices { input.pointer[i] = (features[i] - values[mean + i]) / values[deviation + i] }
    for (i, average) in pool.averages.enumerated() { input.pointer[features.count + i] = average }
    var random = thinning?.random
    var below = input
    for (index, layer) in layers.enumerated() {
      let out = layer.value.pointer
      unit.loops.row_dots(values + layer.weight.offset, layer.outputs, below.pointer, 1, layer.inputs, out)
      unit.loops.add_scaled(out, values + layer.bias.offset, 1, layer.outputs)
      guard index < layers.count - 1 else { break }
      let share = thinning?.share ?? 0
      for i in 0..<layer.outputs {
        let isLeftOut = share > 0 && random?.uniform() ?? 1 < share
        layer.gate.pointer[i] = out[i] > 0 && !isLeftOut ? Float(1 / (1 - share)) : 0
        out[i] *= layer.gate.pointer[i]
      }
      below = layer.value
    }
    return layers[2].value.array
  }

  /// Adds to `gradient`, laid out as a state, the gradient by the parameters of the last `forward`.
  /// - Parameters:
  ///   - outputs: the gradient by its outputs.
  ///   - pool: of all the picture's tiles, looked at once, last.
  package func backward(
    _ outputs: [Float], _ pool: TileNetwork.Pool, _ state: NetworkState,
    _ gradient: UnsafeMutablePointer<Float>
  ) {
    layers[2].gradient.load(outputs)
    for index in (0..<layers.count).reversed() {
      let layer = layers[index]
      let below = index > 0 ? layers[index - 1].value : input
      let by = layer.gradient.pointer
      unit.loops.add_scaled(gradient + layer.bias.offset, by, 1, layer.outputs)
      for i in 0..<layer.outputs where by[i] != 0 {
        unit.loops.add_scaled(
          gradient + layer.weight.offset + i * layer.inputs, below.pointer, by[i], layer.inputs)
      }
      let next = index > 0 ? layers[index - 1].gradient : inputGradient
      unit.loops.combine_rows(
        state.buffer.pointer + layer.weight.offset, layer.outputs, by, layer.inputs, next.pointer)
      guard index > 0 else { break }
      for i in 0..<layer.inputs { next.pointer[i] *= layers[index - 1].gate.pointer[i] }
    }
    tiles.backward(Array(inputGradient.values[PowerSpectrum.count...]), pool, state, gradient)
  }
}
