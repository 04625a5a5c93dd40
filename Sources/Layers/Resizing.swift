import Numerics

/// Bilinear enlargement to twice the size, or one row or column less. Pixel i of the large map lies at (i + 1/2) / 2
/// - 1/2 of the small one (PyTorch's `align_corners=False`), which repeats its outermost pixels beyond its border.
package final class BilinearEnlargement {
  private let workspace: Workspace
  private var small: MapShape?

  package init(in workspace: Workspace) { self.workspace = workspace }

  /// The enlarged map.
  /// - Parameters:
  ///   - height, width: of the result: 2 n - 1 or 2 n for a side of n.
  package func forward(_ input: Map, height: Int, width: Int) -> Map {
    let shape = input.shape
    precondition((height + 1) / 2 == shape.height && (width + 1) / 2 == shape.width, "not twice the size")
    small = shape
    let output = workspace.map(
      MapShape(batch: shape.batch, height: height, width: width, channels: shape.channels))
    for picture in 0..<shape.batch {
      for y in 0..<height {
        let near = y / 2
        let far = min(max(near + (y % 2 == 0 ? -1 : 1), 0), shape.height - 1)
        workspace.loops.enlarge_row(
          input.pixel(near, 0, of: picture), input.pixel(far, 0, of: picture), shape.width, shape.stored,
          width, output.pixel(y, 0, of: picture))
      }
    }
    return output
  }

  /// The gradient by the map that `forward` was given last.
  package func backward(_ gradient: Map) -> Map {
    guard let small else { preconditionFailure("backward without forward") }
    let result = workspace.map(small)
    let large = gradient.shape
    for picture in 0..<small.batch {
      for y in 0..<small.height {
        let rows: [UnsafePointer<Float>?] = [
          max(2 * y - 1, 0), 2 * y, 2 * y + 1,
          y + 1 < small.height ? 2 * y + 2 : 2 * y + 1,
        ].map { $0 < large.height ? UnsafePointer(gradient.pixel($0, 0, of: picture)) : nil }
        workspace.loops.reduce_rows(
          rows, small.width, small.stored, large.width, result.pixel(y, 0, of: picture))
      }
    }
    return result
  }
}

extension Workspace {
  /// A map of the channels of `first`, a multiple of 16, followed by those of `second`, which has the same height and
  /// width.
  package func joined(_ first: Map, _ second: Map) -> Map {
    let (a, b) = (first.shape, second.shape)
    precondition(a.channels == a.stored && a.with(channels: b.channels) == b, "maps that do not fit")
    let both = map(a.with(channels: a.channels + b.channels))
    for pixel in 0..<a.pixels {
      let to = both.pointer + pixel * both.shape.stored
      to.update(from: first.pointer + pixel * a.stored, count: a.stored)
      (to + a.stored).update(from: second.pointer + pixel * b.stored, count: b.stored)
    }
    return both
  }

  /// The transpose of `joined`: takes its gradient apart.
  package func parted(_ both: Map, firstChannels: Int) -> (first: Map, second: Map) {
    let shape = both.shape
    let first = map(shape.with(channels: firstChannels))
    let second = map(shape.with(channels: shape.channels - firstChannels))
    for pixel in 0..<shape.pixels {
      let from = both.pointer + pixel * shape.stored
      (first.pointer + pixel * firstChannels).update(from: from, count: firstChannels)
      (second.pointer + pixel * second.shape.stored).update(
        from: from + firstChannels, count: second.shape.stored)
    }
    return (first, second)
  }
}
