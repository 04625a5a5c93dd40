import CLoops
import Numerics

/// Weights of a 3x3 convolution as Winograd's F(4x4, 3x3) multiplies them (CLoops' winograd.inc).
struct Convolution3x3: Sendable {
  /// Both multiples of 16; those beyond the network's own are zero.
  let inputs: Int, outputs: Int
  /// (36, inputs, outputs)
  let transformed: SharedWeights
  /// (outputs), added to every sum.
  let bias: SharedWeights?

  /// - Parameters:
  ///   - weight: (outputs, inputs, 3, 3), as PyTorch keeps it.
  ///   - range: the inputs to take, of `inputs`; all of them by default.
  init(_ weight: [Float], outputs: Int, inputs: Int, taking range: Range<Int>? = nil, bias: [Float]? = nil) {
    let range = range ?? 0..<inputs
    (self.inputs, self.outputs) = (Self.padded(range.count), Self.padded(outputs))
    var transformed = [Float](repeating: 0, count: 36 * self.inputs * self.outputs)
    var products = [Double](repeating: 0, count: 36)
    for output in 0..<outputs {
      for (place, input) in range.enumerated() {
        Self.transform(weight, from: (output * inputs + input) * 9, into: &products)
        for point in 0..<36 {
          transformed[(point * self.inputs + place) * self.outputs + output] = Float(products[point])
        }
      }
    }
    self.transformed = SharedWeights(transformed)
    let rest = [Float](repeating: 0, count: self.outputs - outputs)
    self.bias = bias.map { SharedWeights($0 + rest) }
  }

  /// Channels as the transforms' vectors take them.
  static func padded(_ channels: Int) -> Int { (channels + 15) / 16 * 16 }

  /// G of Lavin and Gray, (6, 3).
  private static let matrix: [Double] = [
    1 / 4, 0, 0, -1 / 6, -1 / 6, -1 / 6, -1 / 6, 1 / 6, -1 / 6, 1 / 24, 1 / 12, 1 / 6, 1 / 24, -1 / 12, 1 / 6,
    0, 0, 1,
  ]

  /// G g transpose(G) of the nine weights g from `start` on.
  private static func transform(_ weight: [Float], from start: Int, into products: inout [Double]) {
    for left in 0..<6 {
      for right in 0..<6 {
        var sum = 0.0
        for tap in 0..<9 {
          sum += matrix[3 * left + tap / 3] * Double(weight[start + tap]) * matrix[3 * right + tap % 3]
        }
        products[6 * left + right] = sum
      }
    }
  }
}

/// Weights that any thread may read.
///
/// `@unchecked`: the buffer is written in `init` alone.
final class SharedWeights: @unchecked Sendable {
  private let buffer: FloatBuffer

  init(_ values: [Float]) {
    buffer = FloatBuffer(values.count)
    buffer.load(values)
  }

  var pointer: UnsafePointer<Float> { UnsafePointer(buffer.pointer) }
}

/// A residual block: x + conv(ReLU(conv(x))).
struct ResidualBlock: Sendable {
  let first: Convolution3x3, second: Convolution3x3
}

/// The matrix products of one point for a number of tiles: those that a row has left at its end take less than a full run.
private struct TileProduct {
  let tiles: Int
  let storing: MatrixProduct, accumulating: MatrixProduct

  init(inputs: Int, outputs: Int, tiles: Int) throws(NumericsError) {
    self.tiles = tiles
    storing = try MatrixProduct(m: outputs, n: tiles, k: inputs)
    accumulating = try MatrixProduct(m: outputs, n: tiles, k: inputs, accumulating: true)
  }
}

/// Runs 3x3 convolutions of maps with given numbers of channels, four rows at a time.
final class Winograd {
  private let inputCount: Int, outputCount: Int
  /// As many as keep the buffer (151 kB with 64 channels) within the second cache, beside weights that pass through it.
  private let tiles: Int
  /// Fewest tiles first.
  private let products: [TileProduct]
  private let unit: VectorUnit
  /// 37 places of (tiles, channels). The transformed inputs of point p lie in place p + 1, its products go to place p,
  /// whose inputs were used up a point before: half of what two buffers would take of the cache. Places of tiles that a
  /// row does not have hold what was left there, which nothing reads.
  private let places: FloatBuffer
  /// From place to place, a cache line more than a place takes: 4096 bytes apart they would share one set of the cache.
  private let placeStride: Int

  /// A value in this one of the 36 products appears in all sixteen outputs alike: a bias goes there.
  private static let biasPoint = 7

  init(inputs: Int, outputs: Int, _ unit: VectorUnit) throws(NumericsError) {
    (inputCount, outputCount, self.unit) = (inputs, outputs, unit)
    tiles = 1024 / max(inputs, outputs)
    // With few outputs, products of few tiles are not exact (see `MatrixProduct`).
    let counts = outputs >= 64 ? [tiles / 4, tiles / 2, tiles] : [tiles]
    var products: [TileProduct] = []
    for count in counts {
      products.append(try TileProduct(inputs: inputs, outputs: outputs, tiles: count))
    }
    self.products = products
    placeStride = tiles * max(inputs, outputs) + 16
    places = FloatBuffer(37 * placeStride)
  }

  convenience init(channels: Int, _ unit: VectorUnit) throws(NumericsError) {
    try self.init(inputs: channels, outputs: channels, unit)
  }

  /// Rows 4 band ..< 4 band + 4 of the target, as far as it has them.
  func run(
    _ convolution: Convolution3x3, band: Int, from source: FeatureMap, to target: FeatureMap,
    ending: cloops_ending
  ) {
    let count = min(4, source.height - 4 * band)
    for x in stride(from: 0, to: source.width, by: 4 * tiles) {
      let columns = min(4 * tiles, source.width - x)
      let rows = (-1..<5).map { Optional(source.paddedRow(4 * band + $0) + x * inputCount) }
      let tiles = (columns + 3) / 4
      unit.loops.winograd_gather(rows, tiles, inputCount, places.pointer + placeStride, placeStride)
      if let product = products.first(where: { $0.tiles >= tiles }) { multiply(convolution, product) }
      let results = (0..<count).map { Optional(target.row(4 * band + $0) + x * outputCount) }
      unit.loops.winograd_scatter(
        places.pointer, placeStride, columns, outputCount, results, count, ending)
    }
  }

  private func multiply(_ convolution: Convolution3x3, _ product: TileProduct) {
    // In the order of the points: each product overwrites the inputs of the one before.
    for point in 0..<36 {
      let weight = convolution.transformed.pointer + point * inputCount * outputCount
      let result = places.pointer + point * placeStride
      guard point == Self.biasPoint, let bias = convolution.bias else {
        product.storing(weight, result + placeStride, result)
        continue
      }
      for tile in 0..<product.tiles {
        (result + tile * outputCount).update(from: bias.pointer, count: outputCount)
      }
      product.accumulating(weight, result + placeStride, result)
    }
  }

  /// A residual block, in place. The first convolution is a band ahead: band b of the second looks at rows up to
  /// 4 b + 4 of what is between, and overwrites rows up to 4 b + 3 of the map, where band b + 2 of the first begins to
  /// look at row 4 b + 7.
  /// - Parameters:
  ///   - between: of the map's size, with twelve slots.
  ///   - check: called before each band; what it throws ends the work.
  func run<Stop: Error>(
    _ block: ResidualBlock, on map: FeatureMap, between: FeatureMap, check: () throws(Stop) -> Void
  ) throws(Stop) {
    let bands = (map.height + 3) / 4
    for band in 0...bands {
      try check()
      if band < bands { run(block.first, band: band, from: map, to: between, ending: CKERNELS_RELU) }
      if band > 0 { run(block.second, band: band - 1, from: between, to: map, ending: CKERNELS_ADD) }
    }
  }
}
