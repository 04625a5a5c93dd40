import Numerics

/// Feature maps of a batch of square patches, channels last: (samples, side, side, 32).
final class FeatureBatch {
  static let channels = 32

  let samples: Int, side: Int
  let buffer: FloatBuffer
  /// Pixels of one sample.
  var pixels: Int { side * side }
  /// Pixels of all samples.
  var count: Int { samples * pixels }

  init(samples: Int, side: Int) {
    (self.samples, self.side) = (samples, side)
    buffer = FloatBuffer(samples * side * side * Self.channels)
  }

  /// The first value of a sample's row.
  func row(_ row: Int, of sample: Int) -> UnsafeMutablePointer<Float> {
    buffer.pointer + (sample * pixels + row * side) * Self.channels
  }
}
