import CLoops
import Numerics

/// The size of a map: pictures of a batch, rows, columns, channels. Channels lie last and are stored as a multiple of 16; those
/// beyond the map's own are zero, in values and in gradients.
package struct MapShape: Hashable, Sendable {
  package var batch: Int, height: Int, width: Int, channels: Int

  package init(batch: Int = 1, height: Int, width: Int, channels: Int) {
    (self.batch, self.height, self.width, self.channels) = (batch, height, width, channels)
  }

  /// Channels in memory.
  package var stored: Int { Self.stored(channels) }
  /// Over the whole batch.
  package var pixels: Int { batch * height * width }
  /// Floats in memory.
  package var count: Int { pixels * stored }

  package static func stored(_ channels: Int) -> Int { (channels + 15) / 16 * 16 }

  package func with(channels: Int) -> MapShape {
    MapShape(batch: batch, height: height, width: width, channels: channels)
  }
}

/// A batch of feature maps, or their gradient: (batch, height, width, stored channels). Its memory returns to the
/// workspace that made it when nobody holds the map any more.
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

  package var pointer: UnsafeMutablePointer<Float> { buffer.pointer }
  /// The values of all stored channels, without the slack.
  package var values: UnsafeMutableBufferPointer<Float> { .init(start: pointer, count: shape.count) }

  /// The first channel of a pixel.
  package func pixel(_ row: Int, _ column: Int, of picture: Int = 0) -> UnsafeMutablePointer<Float> {
    pointer + ((picture * shape.height + row) * shape.width + column) * shape.stored
  }

  package func clear() { buffer.clear() }

  /// Zeros behind the last pixel, where a sum reaches them.
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

/// What all layers of one thread share: the instruction set, and memory that maps leave to later maps of their size.
package final class Workspace {
  package let unit: VectorUnit
  package let loops: clayers_table
  private var free: [Int: [FloatBuffer]] = [:]

  /// - Throws: `NumericsError` on a processor without AVX2.
  package convenience init() throws(NumericsError) { self.init(try VectorUnit.current()) }

  package init(_ unit: VectorUnit) {
    self.unit = unit
    loops = unit.instructionSet == .avx2 ? clayers_avx2 : clayers_avx512
  }

  /// A map whose values are whatever the memory held before.
  package func map(_ shape: MapShape) -> Map {
    let count = (shape.pixels + Map.slack) * shape.stored
    return Map(shape, in: free[count]?.popLast() ?? FloatBuffer(count), of: self)
  }

  package func zeros(_ shape: MapShape) -> Map {
    let map = map(shape)
    map.clear()
    return map
  }

  fileprivate func take(back buffer: FloatBuffer) { free[buffer.count, default: []].append(buffer) }
}
