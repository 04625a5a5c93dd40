internal import BlurKernels
import Numerics

/// The part of the network that looks at single tiles: a perceptron of two rectified layers on the logarithms of a tile's
/// power, then averages of its outputs over the picture, plain and weighted. A tile's spectrum tells an edge from a texture,
/// which an average over all tiles does not, and edges are what a blur shows on.
///
/// Workspace of one thread.
package final class TileNetwork {
  /// Widths of the two layers, and the number of weighted averages.
  package static let hidden = 160, outputs = 96, heads = 2
  /// What a picture's tiles come to: the plain average, then the weighted ones.
  static let count = (1 + heads) * outputs

  private static let inputs = PowerSpectrum.frequencies
  /// Tiles of a matrix product.
  private static let block = 32
  /// Scores beyond this are cut off: a weight is e to the score's power.
  private static let largestScore: Float = 20

  private let unit: VectorUnit
  private let first: Layer, second: Layer
  private let attention: TensorLayout.Entry  // (heads, outputs)
  private let mean: Int, deviation: Int
  private let backProduct: MatrixProduct
  private var room: Room

  /// out = weight in + bias, rectified.
  private struct Layer {
    let weight: TensorLayout.Entry, bias: TensorLayout.Entry  // (outputs, inputs), (outputs)
    let transposed: FloatBuffer  // (inputs, outputs), of the parameters in use
    let gradient: FloatBuffer, gradientAsStored: FloatBuffer  // (inputs, outputs), (outputs, inputs)
    let product: MatrixProduct  // of a block of rows
    let weightProduct: MatrixProduct

    init(_ number: Int) throws(NumericsError) {
      weight = PredictionParameters.entry("conditioning.tile\(number).weight")
      bias = PredictionParameters.entry("conditioning.tile\(number).bias")
      let (outputs, inputs) = (weight.shape[0], weight.shape[1])
      transposed = FloatBuffer(weight.count)
      (gradient, gradientAsStored) = (FloatBuffer(weight.count), FloatBuffer(weight.count))
      product = try MatrixProduct(m: outputs, n: TileNetwork.block, k: inputs)
      weightProduct = try MatrixProduct(
        m: outputs, n: inputs, k: TileNetwork.block, transposedB: true, accumulating: true)
    }
  }

  /// What backward needs of the tiles looked at last: rows of a whole number of blocks, of which `tiles` count.
  private struct Room {
    var tiles = 0
    let rows: Int
    let input: FloatBuffer  // (rows, inputs), standardised
    let hidden: FloatBuffer, hiddenGradient: FloatBuffer  // (rows, hidden)
    let output: FloatBuffer, outputGradient: FloatBuffer  // (rows, outputs)
    let scores: FloatBuffer  // (rows, heads)
    /// What each tile's outputs are multiplied with: 1, then e to its scores, (1 + heads, rows).
    let weights: FloatBuffer

    /// That a whole number of blocks with all the tiles fills.
    var used: Int { Self.whole(tiles) }

    static func whole(_ tiles: Int) -> Int {
      (tiles + TileNetwork.block - 1) / TileNetwork.block * TileNetwork.block
    }

    init(rows: Int) {
      self.rows = rows
      (input, scores) = (FloatBuffer(rows * TileNetwork.inputs), FloatBuffer(rows * TileNetwork.heads))
      weights = FloatBuffer((1 + TileNetwork.heads) * rows)
      (hidden, hiddenGradient) = (
        FloatBuffer(rows * TileNetwork.hidden), FloatBuffer(rows * TileNetwork.hidden)
      )
      (output, outputGradient) = (
        FloatBuffer(rows * TileNetwork.outputs), FloatBuffer(rows * TileNetwork.outputs)
      )
    }
  }

  /// Sums over some tiles.
  package struct Pool: Sendable {
    /// Of outputs, and of outputs times weights, (1 + heads, outputs).
    fileprivate var sums = [Float](repeating: 0, count: TileNetwork.count)
    /// What each row was divided by: tiles, and sums of weights.
    fileprivate var weights = [Float](repeating: 0, count: 1 + TileNetwork.heads)

    package init() {}

    package static func += (one: inout Pool, other: Pool) {
      for i in one.sums.indices { one.sums[i] += other.sums[i] }
      for i in one.weights.indices { one.weights[i] += other.weights[i] }
    }

    /// The averages; zeros of no tiles.
    var averages: [Float] {
      sums.indices.map { weights[0] > 0 ? sums[$0] / weights[$0 / TileNetwork.outputs] : 0 }
    }
  }

  init() throws(NumericsError) {
    unit = try VectorUnit.current()
    (first, second) = (try Layer(1), try Layer(2))
    attention = PredictionParameters.entry("conditioning.attention")
    mean = PredictionParameters.entry("conditioning.tile-mean").offset
    deviation = PredictionParameters.entry("conditioning.tile-deviation").offset
    backProduct = try MatrixProduct(m: Self.hidden, n: Self.block, k: Self.outputs)
    room = Room(rows: Self.block)
  }

  /// Must precede the first `pool` with parameters, and any after they changed.
  func prepare(_ parameters: PredictionParameters) {
    for layer in [first, second] {
      let (outputs, inputs) = (layer.weight.shape[0], layer.weight.shape[1])
      unit.loops.transpose_scaled(
        layer.transposed.pointer, parameters.buffer.pointer + layer.weight.offset, outputs, inputs, nil, 1)
    }
  }

  /// Sums over `count` tiles.
  /// - Parameter logarithms: of their powers, (count, frequencies).
  func pool(_ logarithms: UnsafePointer<Float>, count: Int, _ parameters: PredictionParameters) -> Pool {
    if count > room.rows { room = Room(rows: Room.whole(count)) }
    room.tiles = count
    let values = parameters.buffer.pointer
    for tile in 0..<count {
      let (from, to) = (logarithms + tile * Self.inputs, room.input.pointer + tile * Self.inputs)
      for i in 0..<Self.inputs { to[i] = (from[i] - values[mean + i]) / values[deviation + i] }
    }
    // Rows of no tile count for nothing, but must be numbers.
    (room.input.pointer + count * Self.inputs).update(repeating: 0, count: (room.used - count) * Self.inputs)
    run(first, from: room.input, into: room.hidden, with: values)
    run(second, from: room.hidden, into: room.output, with: values)
    unit.loops.row_dots(
      room.output.pointer, count, values + attention.offset, Self.heads, Self.outputs, room.scores.pointer)
    return sums()
  }

  private func run(
    _ layer: Layer, from below: FloatBuffer, into out: FloatBuffer, with values: UnsafePointer<Float>
  ) {
    let (outputs, inputs) = (layer.weight.shape[0], layer.weight.shape[1])
    let bias = values + layer.bias.offset
    for row in stride(from: 0, to: room.used, by: Self.block) {
      layer.product(layer.transposed.pointer, below.pointer + row * inputs, out.pointer + row * outputs)
    }
    for row in 0..<room.used {
      let out = out.pointer + row * outputs
      for i in 0..<outputs { out[i] = max(out[i] + bias[i], 0) }
    }
  }

  private func sums() -> Pool {
    var pool = Pool()
    let tiles = room.tiles
    for head in 0...Self.heads {
      let weights = room.weights.pointer + head * room.rows
      for tile in 0..<tiles { weights[tile] = head == 0 ? 1 : weight(tile: tile, head: head - 1) }
      pool.weights[head] = UnsafeBufferPointer(start: weights, count: tiles).reduce(0, +)
      pool.sums.withUnsafeMutableBufferPointer { sums in
        guard let sums = sums.baseAddress else { return }
        unit.loops.combine_rows(
          room.output.pointer, tiles, weights, Self.outputs, sums + head * Self.outputs)
      }
    }
    return pool
  }

  private func weight(tile: Int, head: Int) -> Float {
    let score = room.scores.pointer[tile * Self.heads + head]
    return Float(Elementary.exponential(Double(min(max(score, -Self.largestScore), Self.largestScore))))
  }

  /// Adds the gradient by the parameters of the last `pool` to `gradient`, laid out as the parameters that training
  /// changes.
  /// - Parameters:
  ///   - averages: the loss's gradient by the pool's averages.
  ///   - pool: what that call returned.
  func backward(
    _ averages: [Float], _ pool: Pool, with parameters: PredictionParameters,
    addingTo gradient: UnsafeMutablePointer<Float>
  ) {
    guard room.tiles > 0 else { return }
    poolBackward(averages, pool, with: parameters, addingTo: gradient)
    layerBackward(
      second, below: room.hidden, out: room.output, by: room.outputGradient, addingTo: gradient)
    for row in stride(from: 0, to: room.tiles, by: Self.block) {
      backProduct(
        parameters.buffer.pointer + second.weight.offset, room.outputGradient.pointer + row * Self.outputs,
        room.hiddenGradient.pointer + row * Self.hidden)
    }
    layerBackward(
      first, below: room.input, out: room.hidden, by: room.hiddenGradient, addingTo: gradient)
  }

  /// From the averages' gradient to that of each tile's outputs, and of the heads' vectors.
  ///
  /// With a tile's outputs o_t and n tiles, the plain average is sum_t o_t / n. Head h has a vector v, scores
  /// s_t = v . o_t, weights w_t = exp(s_t), shares p_t = w_t / sum_u w_u and the average a = sum_t p_t o_t. With g the
  /// loss's gradient by a:
  ///
  ///     dL/ds_t = p_t (g . o_t - g . a), 0 where the score is cut off
  ///     dL/do_t = g_plain / n + sum over the heads of (p_t g + dL/ds_t v)
  ///     dL/dv   = sum_t dL/ds_t o_t
  private func poolBackward(
    _ byAverages: [Float], _ pool: Pool, with parameters: PredictionParameters,
    addingTo gradient: UnsafeMutablePointer<Float>
  ) {
    let (tiles, width) = (room.tiles, Self.outputs)
    let byOutputs = room.outputGradient.pointer
    room.outputGradient.clear()
    for tile in 0..<tiles {
      byAverages.withUnsafeBufferPointer { plain in
        guard let plain = plain.baseAddress else { return }
        unit.loops.add_scaled(byOutputs + tile * width, plain, 1 / pool.weights[0], width)
      }
    }
    for head in 0..<Self.heads {
      let byAverage = Array(byAverages[(head + 1) * width..<(head + 2) * width])
      let vector = parameters.buffer.pointer + attention.offset + head * width
      let byScores = scoresBackward(head: head, byAverage: byAverage, pool) { tile, share, byScore in
        unit.loops.add_scaled(byOutputs + tile * width, byAverage, share, width)
        unit.loops.add_scaled(byOutputs + tile * width, vector, byScore, width)
      }
      var byVector = [Float](repeating: 0, count: width)
      unit.loops.combine_rows(room.output.pointer, tiles, byScores, width, &byVector)
      unit.loops.add_scaled(gradient + attention.offset + head * width, byVector, 1, width)
    }
  }

  /// dL/ds_t of every tile for one head.
  /// - Parameter onTile: called with each tile, its share p_t and dL/ds_t.
  private func scoresBackward(
    head: Int, byAverage: [Float], _ pool: Pool,
    onTile: (_ tile: Int, _ share: Float, _ byScore: Float) -> Void
  ) -> [Float] {
    let width = Self.outputs
    let average = pool.averages[((head + 1) * width)...]
    let byAverageTimesAverage = zip(byAverage, average).reduce(Float(0)) { $0 + $1.0 * $1.1 }
    var byScores = [Float](repeating: 0, count: room.tiles)
    // g . o_t, each replaced by dL/ds_t below.
    unit.loops.row_dots(room.output.pointer, room.tiles, byAverage, 1, width, &byScores)
    for tile in 0..<room.tiles {
      let share = room.weights.pointer[(head + 1) * room.rows + tile] / pool.weights[head + 1]
      let isCutOff = abs(room.scores.pointer[tile * Self.heads + head]) >= Self.largestScore
      byScores[tile] = isCutOff ? 0 : share * (byScores[tile] - byAverageTimesAverage)
      onTile(tile, share, byScores[tile])
    }
    return byScores
  }

  /// Gates `by`, the gradient by the layer's outputs, in place, and adds the parameters'.
  private func layerBackward(
    _ layer: Layer, below: FloatBuffer, out: FloatBuffer, by: FloatBuffer,
    addingTo gradient: UnsafeMutablePointer<Float>
  ) {
    let (outputs, inputs) = (layer.weight.shape[0], layer.weight.shape[1])
    let (gated, gates) = (by.pointer, out.pointer)
    for i in 0..<room.used * outputs {
      // Read in any case, so that there is no branch, which would be taken at random.
      let value = gated[i]
      gated[i] = gates[i] > 0 ? value : 0
    }
    var byBias = [Float](repeating: 0, count: outputs)
    unit.loops.combine_rows(by.pointer, room.tiles, room.weights.pointer, outputs, &byBias)
    unit.loops.add_scaled(gradient + layer.bias.offset, byBias, 1, outputs)
    layer.gradient.clear()
    for row in stride(from: 0, to: room.used, by: Self.block) {
      layer.weightProduct(
        by.pointer + row * outputs, below.pointer + row * inputs, layer.gradient.pointer)
    }
    unit.loops.transpose_scaled(
      layer.gradientAsStored.pointer, layer.gradient.pointer, inputs, outputs, nil, 1)
    unit.loops.add_scaled(
      gradient + layer.weight.offset, layer.gradientAsStored.pointer, 1, layer.weight.count)
  }
}
