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

/// Runs 3x3 convolutions of maps with given numbers of channels, four rows at a time.
final class Winograd {
  private let inputCount: Int, outputCount: Int
  /// As many as keep both buffers (147 kB each with 64 channels) within the second cache.
  private let tiles: Int
  private let product: MatrixProduct, accumulating: MatrixProduct
  private let unit: VectorUnit
  /// (36, tiles, channels) each, and a cache line more a point: 4096 bytes apart they would share one set of the cache.
  private let inputs: FloatBuffer, outputs: FloatBuffer
  private let inputStride: Int, outputStride: Int

  /// A value in this one of the 36 products appears in all sixteen outputs alike: a bias goes there.
  private static let biasPoint = 7

  init(inputs: Int, outputs: Int, _ unit: VectorUnit) throws(NumericsError) {
    (inputCount, outputCount, self.unit) = (inputs, outputs, unit)
    tiles = 1024 / max(inputs, outputs)
    product = try MatrixProduct(m: outputs, n: tiles, k: inputs)
    accumulating = try MatrixProduct(m: outputs, n: tiles, k: inputs, accumulating: true)
    (inputStride, outputStride) = (tiles * inputs + 16, tiles * outputs + 16)
    self.inputs = FloatBuffer(36 * inputStride)
    self.outputs = FloatBuffer(36 * outputStride)
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
      unit.loops.winograd_gather(rows, (columns + 3) / 4, inputCount, inputs.pointer, inputStride)
      multiply(convolution)
      let results = (0..<count).map { Optional(target.row(4 * band + $0) + x * outputCount) }
      unit.loops.winograd_scatter(
        outputs.pointer, outputStride, columns, outputCount, results, count, ending)
    }
  }

  private func multiply(_ convolution: Convolution3x3) {
    for point in 0..<36 {
      let weight = convolution.transformed.pointer + point * inputCount * outputCount
      let result = outputs.pointer + point * outputStride
      guard point == Self.biasPoint, let bias = convolution.bias else {
        product(weight, inputs.pointer + point * inputStride, result)
        continue
      }
      for tile in 0..<tiles {
        (result + tile * outputCount).update(from: bias.pointer, count: outputCount)
      }
      accumulating(weight, inputs.pointer + point * inputStride, result)
    }
  }

  /// A residual block, in place. The first convolution is a band ahead: band b of the second looks at rows up to
  /// 4 b + 4 of what is between, and overwrites rows up to 4 b + 3 of the map, where band b + 2 of the first begins to
  /// look at row 4 b + 7.
  /// - Parameter between: of the map's size, with twelve slots.
  func run(_ block: ResidualBlock, on map: FeatureMap, between: FeatureMap) {
    let bands = (map.height + 3) / 4
    for band in 0...bands {
      if band < bands { run(block.first, band: band, from: map, to: between, ending: CKERNELS_RELU) }
      if band > 0 { run(block.second, band: band - 1, from: between, to: map, ending: CKERNELS_ADD) }
    }
  }
}
