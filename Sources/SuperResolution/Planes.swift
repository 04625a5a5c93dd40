import Numerics

/// A colour picture for computing: three planes one after the other, (3, height, width), each beginning at a 64-byte
/// border, values in [0, 1] but for what enlarging overshoots.
package final class Planes {
  package let width: Int, height: Int
  /// Floats from one plane to the next.
  package let stride: Int
  let buffer: FloatBuffer

  package init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    stride = (width * height + 15) / 16 * 16
    buffer = FloatBuffer(3 * stride)
  }

  package func plane(_ channel: Int) -> UnsafeMutablePointer<Float> {
    buffer.pointer + channel * stride
  }

  package subscript(channel: Int, row: Int, column: Int) -> Float {
    get { plane(channel)[row * width + column] }
    set { plane(channel)[row * width + column] = newValue }
  }

  /// Every pixel `scale` times in both directions.
  func repeated(_ scale: Int) -> Planes {
    let result = Planes(width: scale * width, height: scale * height)
    for channel in 0..<3 {
      let (source, target) = (plane(channel), result.plane(channel))
      for y in 0..<result.height {
        for x in 0..<result.width {
          target[y * result.width + x] = source[y / scale * width + x / scale]
        }
      }
    }
    return result
  }
}
