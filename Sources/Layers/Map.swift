import CLoops
import Numerics

/// The size of a map: pictures of a batch, rows, columns, channels. Channels lie last. Their number is rounded up to
/// a multiple of 16 in memory; the added channels are zero, in values and in gradients.
package struct MapShape: Hashable, Sendable {
  package var batch: Int, height: Int, width: Int, channels: Int

  package init(batch: Int = 1, height: Int, width: Int, channels: Int) {
    (self.batch, self.height, self.width, self.channels) = (batch, height, width, channels)
  }

  /// Channels in memory: a multiple of 16.
  package var stored: Int { Self.stored(channels) }
  /// The pixels of the whole batch.
  package var pixels: Int { batch * height * width }
  /// The floats in memory.
  package var count: Int { pixels * stored }

  /// The channels in memory of a map of so many channels.
  package static func stored(_ channels: Int) -> Int { (channels + 15) / 16 * 16 }

  /// The size with another number of channels.
  package func with(channels: Int) -> MapShape {
    MapShape(batch: batch, height: height, width: width, channels: channels)
  }
}

/// A batch of feature maps, or their gradient: (batch, height, width, stored channels). Its memory returns to the
/// workspace that made it when the last reference to the map is gone.
package final class Map {
  package let shape: MapShape
  private let buffer: FloatBuffer
  private let workspace: Workspace

  /// Pixels behind the last one that loops may read and matrix products may overwrite.
  static let slack = 64

  fileprivate init(_ shape: MapShape, in buffer: FloatBuffer, of workspace: Workspace) {
    (self.shape, self.buffer, self.workspace) = (shape, buffer, workspace)
  }

  deinit { workspace.take(back: buffer) }

  /// The first value; (batch, height, width, stored channels) follow, then some slack.
  package var pointer: UnsafeMutablePointer<Float> { buffer.pointer }
  /// The values of all stored channels, without the slack.
  package var values: UnsafeMutableBufferPointer<Float> { .init(start: pointer, count: shape.count) }

  /// The first channel of a pixel.
  package func pixel(_ row: Int, _ column: Int, of picture: Int = 0) -> UnsafeMutablePointer<Float> {
    pointer + ((picture * shape.height + row) * shape.width + column) * shape.stored
  }

  /// Sets all values to zero.
  package func clear() { buffer.clear() }

  /// Sets the floats behind the last pixel to zero, where a sum reaches them.
  func clearSlack() { (pointer + shape.count).update(repeating: 0, count: Self.slack * shape.stored) }

  /// A map of the same values.
  package func copy() -> Map {
    let other = workspace.map(shape)
    other.pointer.update(from: pointer, count: shape.count)
    return other
  }

  /// Adds another map of this shape.
  package func add(_ other: Map) {
    precondition(other.shape == shape)
    workspace.unit.loops.add_scaled(pointer, other.pointer, 1, shape.count)
  }
}

/// The resources that all layers of one thread share: the instruction set, and the memory of former maps, which later
/// maps of the same size take.
package final class Workspace {
  package let unit: VectorUnit
  package let loops: clayers_table
  private var free: [Int: [FloatBuffer]] = [:]

  /// Creates a workspace for the instruction set in force (`VectorUnit.current`).
  /// - Throws: `NumericsError` on a processor without AVX2.
  package convenience init() throws(NumericsError) { self.init(try VectorUnit.current()) }

  /// Creates a workspace for a chosen instruction set.
  package init(_ unit: VectorUnit) {
    self.unit = unit
    loops = unit.instructionSet == .avx2 ? clayers_avx2 : clayers_avx512
  }

  /// A map with undefined values.
  package func map(_ shape: MapShape) -> Map {
    let count = (shape.pixels + Map.slack) * shape.stored
    return Map(shape, in: free[count]?.popLast() ?? FloatBuffer(count), of: self)
  }

  /// A map of zeros.
  package func zeros(_ shape: MapShape) -> Map {
    let map = map(shape)
    map.clear()
    return map
  }

  fileprivate func take(back buffer: FloatBuffer) { free[buffer.count, default: []].append(buffer) }
}
