import Numerics

/// Feature maps of a batch of square patches, channels last: (samples, side, side, 32).
final class FeatureBatch {
  static let channels = 32
  typealias Pixel = SIMD32<Float>

  let samples: Int, side: Int
  let buffer: FloatBuffer
  /// Of one sample.
  var pixels: Int { side * side }
  /// Of all samples.
  var count: Int { samples * pixels }

  init(samples: Int, side: Int) {
    (self.samples, self.side) = (samples, side)
    buffer = FloatBuffer(samples * side * side * Self.channels)
  }

  /// The first value of a sample's row.
  func row(_ row: Int, of sample: Int) -> UnsafeMutablePointer<Float> {
    buffer.pointer + (sample * pixels + row * side) * Self.channels
  }

  /// All channels of one pixel of the whole batch.
  subscript(pixel: Int) -> Pixel {
    @inline(__always) get {
      // Unsafe: the buffer has 32 floats for each pixel.
      UnsafeRawPointer(buffer.pointer + pixel * Self.channels).loadUnaligned(as: Pixel.self)
    }
    @inline(__always) set {
      UnsafeMutableRawPointer(buffer.pointer + pixel * Self.channels).storeBytes(of: newValue, as: Pixel.self)
    }
  }
}

/// Means over all pixels of a batch of several quantities, channel by channel: sums of a sample in single precision, their
/// sum in double precision.
struct PixelMeans {
  private var sums: [SIMD32<Double>]
  private var part: [FeatureBatch.Pixel]
  private let count: Double

  /// The means of what `quantities` gives for each pixel, as many as `number`.
  static func of(
    _ batch: FeatureBatch, number: Int, _ quantities: (Int, inout PixelMeans) -> Void
  ) -> [FeatureBatch.Pixel] {
    var means = PixelMeans(number: number, count: batch.count)
    for sample in 0..<batch.samples {
      for pixel in sample * batch.pixels..<(sample + 1) * batch.pixels { quantities(pixel, &means) }
      means.finishSample()
    }
    return means.sums.map { FeatureBatch.Pixel($0 / means.count) }
  }

  private init(number: Int, count: Int) {
    sums = Array(repeating: .zero, count: number)
    part = Array(repeating: .zero, count: number)
    self.count = Double(count)
  }

  @inline(__always)
  mutating func add(_ value: FeatureBatch.Pixel, to quantity: Int) { part[quantity] += value }

  private mutating func finishSample() {
    for i in sums.indices { sums[i] += SIMD32<Double>(part[i]) }
    for i in part.indices { part[i] = .zero }
  }
}
