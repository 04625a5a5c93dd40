import Numerics

/// The network from a picture's spectrum to its kernel: a perceptron on averages over the picture's tiles, some of them
/// made by a network of their own. Workspace of one thread.
package final class PredictionNetwork {
  private let unit: VectorUnit
  private let tiles: TileNetwork
  private let layers: [Layer]
  private let mean: Int, deviation: Int
  /// Standardised features, then the tiles' averages.
  private let input = FloatBuffer(PowerSpectrum.count + TileNetwork.count)
  private let inputGradient = FloatBuffer(PowerSpectrum.count + TileNetwork.count)

  /// One layer: out = weight in + bias, rectified, with dropout in training, in all but the last.
  private struct Layer {
    let weight: TensorLayout.Entry, bias: TensorLayout.Entry
    let outputs: Int, inputs: Int
    let value: FloatBuffer  // (outputs)
    /// What rectifying and dropout multiplied each output by, (outputs).
    let gate: FloatBuffer
    let gradient: FloatBuffer  // by `value`, (outputs)

    init(_ number: Int) {
      weight = PredictionParameters.entry("conditioning.layer\(number).weight")
      bias = PredictionParameters.entry("conditioning.layer\(number).bias")
      (outputs, inputs) = (weight.shape[0], weight.shape[1])
      (value, gate, gradient) = (FloatBuffer(outputs), FloatBuffer(outputs), FloatBuffer(outputs))
    }
  }

  package init() throws(NumericsError) {
    unit = try VectorUnit.current()
    tiles = try TileNetwork()
    layers = (1...3).map { Layer($0) }
    mean = PredictionParameters.entry("conditioning.mean").offset
    deviation = PredictionParameters.entry("conditioning.deviation").offset
  }

  /// Must precede the first `pool` with parameters, and any after they changed.
  package func prepare(_ parameters: PredictionParameters) { tiles.prepare(parameters) }

  /// The tile network's sums over `count` tiles.
  /// - Parameter logarithms: of the tiles' powers, (count, frequencies), as `PowerSpectrum` gives them.
  /// - Precondition: `prepare` was called since the parameters last changed.
  package func pool(
    _ logarithms: UnsafePointer<Float>, count: Int, _ parameters: PredictionParameters
  ) -> TileNetwork.Pool {
    tiles.pool(logarithms, count: count, parameters)
  }

  /// The outputs for one picture.
  /// - Parameters:
  ///   - features: `PowerSpectrum.Sum`'s.
  ///   - pool: of all its tiles.
  ///   - dropout: in training, the share of the perceptron's hidden units left out and the numbers that choose them.
  package func forward(
    _ features: [Float], _ pool: TileNetwork.Pool, with parameters: PredictionParameters,
    dropout: (share: Double, random: Philox)? = nil
  ) -> [Float] {
    let values = parameters.buffer.pointer
    for i in features.indices { input.pointer[i] = (features[i] - values[mean + i]) / values[deviation + i] }
    for (i, average) in pool.averages.enumerated() { input.pointer[features.count + i] = average }
    var random = dropout?.random
    var below = input
    for (index, layer) in layers.enumerated() {
      let out = layer.value.pointer
      unit.loops.row_dots(values + layer.weight.offset, layer.outputs, below.pointer, 1, layer.inputs, out)
      unit.loops.add_scaled(out, values + layer.bias.offset, 1, layer.outputs)
      guard index < layers.count - 1 else { break }
      let share = dropout?.share ?? 0
      for i in 0..<layer.outputs {
        let isLeftOut = share > 0 && random?.uniform() ?? 1 < share
        layer.gate.pointer[i] = out[i] > 0 && !isLeftOut ? Float(1 / (1 - share)) : 0
        out[i] *= layer.gate.pointer[i]
      }
      below = layer.value
    }
    return layers[2].value.array
  }

  /// Adds the gradient by the parameters of the last `forward` to `gradient`, laid out as the parameters that training
  /// changes.
  /// - Parameters:
  ///   - outputs: the gradient by its outputs.
  ///   - pool: the sums over all the picture's tiles, from one call of `pool`, the last.
  package func backward(
    _ outputs: [Float], _ pool: TileNetwork.Pool, with parameters: PredictionParameters,
    addingTo gradient: UnsafeMutablePointer<Float>
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
        parameters.buffer.pointer + layer.weight.offset, layer.outputs, by, layer.inputs, next.pointer)
      guard index > 0 else { break }
      for i in 0..<layer.inputs { next.pointer[i] *= layers[index - 1].gate.pointer[i] }
    }
    tiles.backward(
      Array(inputGradient.values[PowerSpectrum.count...]), pool, with: parameters, addingTo: gradient)
  }
}
