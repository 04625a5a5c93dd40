import Numerics

/// A picture for losses: (channels, height, width), values in any range.
package final class Raster {
  package let channels: Int, height: Int, width: Int
  private let buffer: FloatBuffer

  /// Creates a picture of zeros.
  package init(channels: Int = 3, height: Int, width: Int) {
    (self.channels, self.height, self.width) = (channels, height, width)
    buffer = FloatBuffer(channels * height * width)
  }

  /// The first value.
  package var pointer: UnsafeMutablePointer<Float> { buffer.pointer }
  /// The number of values.
  package var count: Int { buffer.count }
  package var values: UnsafeMutableBufferPointer<Float> { buffer.values }

  /// The first value of row `y` of a channel.
  package func row(_ y: Int, _ channel: Int) -> UnsafeMutablePointer<Float> {
    pointer + (channel * height + y) * width
  }

  /// Sets all values to zero.
  package func clear() { buffer.clear() }
}

extension Raster {
  /// Copies a map of one picture.
  package convenience init(_ map: Map) {
    let shape = map.shape
    self.init(channels: shape.channels, height: shape.height, width: shape.width)
    for channel in 0..<channels {
      let plane = row(0, channel)
      for pixel in 0..<shape.height * shape.width {
        plane[pixel] = map.pointer[pixel * shape.stored + channel]
      }
    }
  }

  /// A map of the same values.
  package func map(in workspace: Workspace) -> Map {
    let map = workspace.zeros(MapShape(height: height, width: width, channels: channels))
    for channel in 0..<channels {
      let plane = row(0, channel)
      for pixel in 0..<height * width { map.pointer[pixel * map.shape.stored + channel] = plane[pixel] }
    }
    return map
  }
}
