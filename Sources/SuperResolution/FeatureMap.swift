import Numerics

/// Feature maps of one level, (height, width, channels), channels last, surrounded by zeros: one pixel on the left, as
/// above and below, and on the right up to a multiple of four and one more, which is what 3x3 convolutions in tiles of
/// 4x4 look at.
///
/// With fewer slots than rows only the rows written last are there, for what is used up at once.
final class FeatureMap {
  let width: Int, height: Int, channels: Int
  private let slots: Int
  private let rowLength: Int
  private let buffer: FloatBuffer
  private let zeros: FloatBuffer

  init(width: Int, height: Int, channels: Int, slots: Int? = nil) {
    (self.width, self.height, self.channels) = (width, height, channels)
    self.slots = slots ?? height
    rowLength = ((width + 3) / 4 * 4 + 2) * channels
    buffer = FloatBuffer(rowLength * self.slots)
    zeros = FloatBuffer(rowLength)
  }

  /// The first pixel of a row within the map.
  func row(_ row: Int) -> UnsafeMutablePointer<Float> {
    buffer.pointer + row % slots * rowLength + channels
  }

  /// The pixel to the left of a row's first, of any row; zeros above and below the map.
  func paddedRow(_ row: Int) -> UnsafePointer<Float> {
    UnsafePointer((0..<height).contains(row) ? self.row(row) - channels : zeros.pointer)
  }

  func load(_ other: FeatureMap) { buffer.load(other.buffer) }

  func add(_ other: FeatureMap, _ unit: VectorUnit) {
    unit.loops.add_scaled(buffer.pointer, other.buffer.pointer, 1, buffer.count)
  }
}
