/// How a convolution of 3x3 pixels continues a map beyond its border.
package enum Padding: Sendable, CaseIterable {
  /// The map ends: both sides of the output are two pixels smaller.
  case none
  /// With zeros.
  case zero
  /// The map mirrored at its outermost pixels, which do not appear twice; sides of at least 2.
  case reflection

  var width: Int { self == .none ? 0 : 1 }

  /// The map with a border around it.
  func applied(to map: Map, in workspace: Workspace) -> Map {
    if self == .none {
      map.clearSlack()
      return map
    }
    let shape = map.shape
    let padded = workspace.map(shape.padded(by: 1))
    let row = shape.width * shape.stored
    for picture in 0..<shape.batch {
      for y in -1...shape.height {
        let target = padded.pixel(y + 1, 0, of: picture)
        guard let source = self.source(y, shape.height) else {
          target.update(repeating: 0, count: row + 2 * shape.stored)
          continue
        }
        (target + shape.stored).update(from: map.pixel(source, 0, of: picture), count: row)
        for x in [-1, shape.width] {
          let end = target + (x + 1) * shape.stored
          if let column = self.source(x, shape.width) {
            end.update(from: map.pixel(source, column, of: picture), count: shape.stored)
          } else {
            end.update(repeating: 0, count: shape.stored)
          }
        }
      }
    }
    padded.clearSlack()
    return padded
  }

  /// The transpose of `applied`: the border's gradient is added to the pixels that it was copied from.
  func folded(_ padded: Map, in workspace: Workspace) -> Map {
    if self == .none { return padded }
    let inner = padded.shape.padded(by: -1)
    let map = workspace.map(inner)
    for picture in 0..<inner.batch {
      for y in 0..<inner.height {
        map.pixel(y, 0, of: picture).update(
          from: padded.pixel(y + 1, 1, of: picture), count: inner.width * inner.stored)
      }
      guard self == .reflection else { continue }
      for y in -1...inner.height {
        let isOutside = y < 0 || y == inner.height
        let columns = isOutside ? Array(-1...inner.width) : [-1, inner.width]
        for x in columns {
          let from = padded.pixel(y + 1, x + 1, of: picture)
          let to = map.pixel(mirrored(y, inner.height), mirrored(x, inner.width), of: picture)
          workspace.unit.loops.add_scaled(to, from, 1, inner.stored)
        }
      }
    }
    return map
  }

  private func source(_ place: Int, _ side: Int) -> Int? {
    if (0..<side).contains(place) { return place }
    return self == .reflection ? mirrored(place, side) : nil
  }

  private func mirrored(_ place: Int, _ side: Int) -> Int {
    place < 0 ? -place : place < side ? place : 2 * (side - 1) - place
  }
}

extension MapShape {
  func padded(by border: Int) -> MapShape {
    MapShape(batch: batch, height: height + 2 * border, width: width + 2 * border, channels: channels)
  }
}
