internal import BlurKernels
import Networks
import Numerics

/// The part of the network that looks at single tiles: a perceptron of two rectified layers on the logarithms of a tile's
/// power, then averages of its outputs over the picture, plain and weighted. A tile's spectrum tells an edge from a texture,
/// which an average over all tiles does not, and edges are what a blur shows on.
///
/// Workspace of one thread; parameters lie in a state of `Architecture.conditioned`.
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
    let transposed: FloatBuffer  // (inputs, outputs), of the state in use
    let gradient: FloatBuffer, gradientAsStored: FloatBuffer  // (inputs, outputs), (outputs, inputs)
    let product: MatrixProduct  // of a block of rows
    let weightProduct: MatrixProduct

    init(_ number: Int, _ layout: TensorLayout) throws(NumericsError) {
      guard let weight = layout["conditioning.tile\(number).weight"],
        let bias = layout["conditioning.tile\(number).bias"]
      else { preconditionFailure("an architecture without conditioning") }
      (self.weight, self.bias) = (weight, bias)
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

  /// - Precondition: `architecture` is conditioned.
  init(_ architecture: Architecture) throws(NumericsError) {
    let layout = architecture.layout
    unit = try VectorUnit.current()
    (first, second) = (try Layer(1, layout), try Layer(2, layout))
    guard let attention = layout["conditioning.attention"], let mean = layout["conditioning.tile-mean"],
      let deviation = layout["conditioning.tile-deviation"]
    else { preconditionFailure("an architecture without conditioning") }
    (self.attention, self.mean, self.deviation) = (attention, mean.offset, deviation.offset)
    backProduct = try MatrixProduct(m: Self.hidden, n: Self.block, k: Self.outputs)
    room = Room(rows: Self.block)
  }

  /// Takes the parameters that the next tiles are looked at with.
  func prepare(_ state: NetworkState) {
    for layer in [first, second] {
      let (outputs, inputs) = (layer.weight.shape[0], layer.weight.shape[1])
      unit.loops.transpose_scaled(
        layer.transposed.pointer, state.buffer.pointer + layer.weight.offset, outputs, inputs, nil, 1)
    }
  }

  /// Sums over `count` tiles.
  /// - Parameter logarithms: of their powers, (count, frequencies).
  func pool(_ logarithms: UnsafePointer<Float>, count: Int, _ state: NetworkState) -> Pool {
    if count > room.rows { room = Room(rows: Room.whole(count)) }
    room.tiles = count
    let values = state.buffer.pointer
    for tile in 0..<count {
      let (from, to) = (logarithms + tile * Self.inputs, room.input.pointer + tile * Self.inputs)
      for i in 0..<Self.inputs { to[i] = (from[i] - values[mean + i]) / values[deviation + i] }
    }
    // Rows of no tile count for nothing, but must be numbers.
    (room.input.pointer + count * Self.inputs).update(repeating: 0, count: (room.used - count) * Self.inputs)
    run(first, room.input, room.hidden, values)
    run(second, room.hidden, room.output, values)
    unit.loops.row_dots(
      room.output.pointer, count, values + attention.offset, Self.heads, Self.outputs, room.scores.pointer)
    return sums()
  }

  private func run(
    _ layer: Layer, _ below: FloatBuffer, _ out: FloatBuffer, _ values: UnsafePointer<Float>
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

  /// Adds to `gradient`, laid out as a state, the gradient by the parameters of the last `pool`.
  /// - Parameters:
  ///   - averages: the loss's gradient by the pool's averages.
  ///   - pool: as it was given.
  func backward(
    _ averages: [Float], _ pool: Pool, _ state: NetworkState, _ gradient: UnsafeMutablePointer<Float>
  ) {
    guard room.tiles > 0 else { return }
    poolBackward(averages, pool, state, gradient)
    layerBackward(second, room.hidden, room.output, room.outputGradient, gradient)
    for row in stride(from: 0, to: room.tiles, by: Self.block) {
      backProduct(
        state.buffer.pointer + second.weight.offset, room.outputGradient.pointer + row * Self.outputs,
        room.hiddenGradient.pointer + row * Self.hidden)
    }
    layerBackward(first, room.input, room.hidden, room.hiddenGradient, gradient)
  }

  /// From the averages to each tile's outputs, and to the weights' own parameters.
  private func poolBackward(
    _ byAverages: [Float], _ pool: Pool, _ state: NetworkState, _ gradient: UnsafeMutablePointer<Float>
  ) {
    let (tiles, width) = (room.tiles, Self.outputs)
    let averages = pool.averages
    let rows = room.outputGradient.pointer
    room.outputGradient.clear()
    for tile in 0..<tiles {
      byAverages.withUnsafeBufferPointer { by in
        guard let by = by.baseAddress else { return }
        unit.loops.add_scaled(rows + tile * width, by, 1 / pool.weights[0], width)
      }
    }
    for head in 0..<Self.heads {
      let own = Array(byAverages[(head + 1) * width..<(head + 2) * width])
      let vector = state.buffer.pointer + attention.offset + head * width
      let expected = zip(own, averages[((head + 1) * width)...]).reduce(Float(0)) { $0 + $1.0 * $1.1 }
      var byTile = [Float](repeating: 0, count: tiles)
      unit.loops.row_dots(room.output.pointer, tiles, own, 1, width, &byTile)
      for tile in 0..<tiles {
        let share = room.weights.pointer[(head + 1) * room.rows + tile] / pool.weights[head + 1]
        unit.loops.add_scaled(rows + tile * width, own, share, width)
        let isCut = abs(room.scores.pointer[tile * Self.heads + head]) >= Self.largestScore
        byTile[tile] = isCut ? 0 : share * (byTile[tile] - expected)
        unit.loops.add_scaled(rows + tile * width, vector, byTile[tile], width)
      }
      var byVector = [Float](repeating: 0, count: width)
      unit.loops.combine_rows(room.output.pointer, tiles, byTile, width, &byVector)
      unit.loops.add_scaled(gradient + attention.offset + head * width, byVector, 1, width)
    }
  }

  /// Gates `by`, the gradient by the layer's outputs, in place, and adds the parameters'.
  private func layerBackward(
    _ layer: Layer, _ below: FloatBuffer, _ out: FloatBuffer, _ by: FloatBuffer,
    _ gradient: UnsafeMutablePointer<Float>
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
