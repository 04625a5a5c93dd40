import CLoops
import Numerics

/// Weights of a 3x3 convolution without bias as Winograd's F(4x4, 3x3) multiplies them (CLoops' winograd.inc).
struct Convolution3x3: Sendable {
  let channels: Int
  /// (36, channels in, channels out)
  let transformed: SharedWeights

  /// - Parameters:
  ///   - weight: (outputs, channels, 3, 3), as PyTorch keeps it.
  ///   - channels: a multiple of 16. Outputs beyond `outputs` are zero.
  init(_ weight: [Float], outputs: Int, channels: Int) {
    self.channels = channels
    var transformed = [Float](repeating: 0, count: 36 * channels * channels)
    for output in 0..<outputs {
      for input in 0..<channels {
        let start = (output * channels + input) * 9
        let products = Self.transform(weight[start..<start + 9].map(Double.init))
        for (point, value) in products.enumerated() {
          transformed[(point * channels + input) * channels + output] = Float(value)
        }
      }
    }
    self.transformed = SharedWeights(transformed)
  }

  /// G g transpose(G) of Lavin and Gray.
  private static func transform(_ g: [Double]) -> [Double] {
    let matrix: [[Double]] = [
      [1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6], [1 / 24, 1 / 12, 1 / 6],
      [1 / 24, -1 / 12, 1 / 6], [0, 0, 1],
    ]
    return matrix.flatMap { left in
      matrix.map { right in
        (0..<9).reduce(0.0) { $0 + left[$1 / 3] * g[$1] * right[$1 % 3] }
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

/// Runs 3x3 convolutions of maps with one number of channels, four rows at a time.
final class Winograd {
  private let channels: Int
  /// As many as keep both buffers (147 kB each) and, but for 64 channels, the weights within the second cache.
  private let tiles: Int
  private let product: MatrixProduct
  private let unit: VectorUnit
  /// (36, tiles, channels) each, and a cache line more a point: 4096 bytes apart they would share one set of the cache.
  private let inputs: FloatBuffer, outputs: FloatBuffer
  private let stride: Int

  init(channels: Int, _ unit: VectorUnit) throws(NumericsError) {
    (self.channels, self.unit) = (channels, unit)
    tiles = 1024 / channels
    product = try MatrixProduct(m: channels, n: tiles, k: channels)
    stride = tiles * channels + 16
    inputs = FloatBuffer(36 * stride)
    outputs = FloatBuffer(36 * stride)
  }

  /// Rows 4 band ..< 4 band + 4 of the target, as far as it has them.
  func run(
    _ convolution: Convolution3x3, band: Int, from source: FeatureMap, to target: FeatureMap,
    ending: cloops_ending
  ) {
    let count = min(4, source.height - 4 * band)
    for x in Swift.stride(from: 0, to: source.width, by: 4 * tiles) {
      let columns = min(4 * tiles, source.width - x)
      let rows = (-1..<5).map { Optional(source.paddedRow(4 * band + $0) + x * channels) }
      unit.loops.winograd_gather(rows, (columns + 3) / 4, channels, inputs.pointer, stride)
      for point in 0..<36 {
        product(
          convolution.transformed.pointer + point * channels * channels,
          inputs.pointer + point * stride, outputs.pointer + point * stride)
      }
      let results = (0..<count).map { Optional(target.row(4 * band + $0) + x * channels) }
      unit.loops.winograd_scatter(
        outputs.pointer, stride, columns, channels, results, count, ending)
    }
  }
}
