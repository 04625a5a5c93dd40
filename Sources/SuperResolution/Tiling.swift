import Imaging

/// How a picture too large for one go is cut, so that memory does not grow with it: into tiles of about equal size,
/// each enlarged with a margin of its surroundings that is then thrown away. Tiles side by side make up a band, which is
/// handed on as soon as it is whole.
package struct Tiling {
  /// A tile's own pixels, and those that are enlarged for it.
  package struct Tile: Sendable {
    package let rows: Range<Int>, columns: Range<Int>
    package let framedRows: Range<Int>, framedColumns: Range<Int>
  }

  /// Pixels of the picture. With it, Set14's barbara in four tiles is what it is in one go but for a level in 2 % of the
  /// values and more in 0.1 %.
  package static let margin = 32

  /// Tiles that together are as wide, or as high, as the picture.
  package struct Band: Sendable {
    package let tiles: [Tile]
    /// Where the band lies in the picture.
    package let rows: Range<Int>, columns: Range<Int>
  }

  /// Row by row.
  package let tiles: [Tile]

  /// Rows of tiles, the uppermost first; or columns of tiles, the leftmost first.
  package func bands(byColumns: Bool = false) -> [Band] {
    func start(_ tile: Tile) -> Int { byColumns ? tile.columns.lowerBound : tile.rows.lowerBound }
    return Set(tiles.map(start)).sorted().map { place in
      let own = tiles.filter { start($0) == place }
      let (first, last) = (own[0], own[own.count - 1])
      return Band(
        tiles: own, rows: first.rows.lowerBound..<last.rows.upperBound,
        columns: first.columns.lowerBound..<last.columns.upperBound)
    }
  }

  /// - Parameter pixels: the most that a tile may have, enlarged, with its margin; a picture within them is one tile
  ///   without margin.
  ///   - margin: pixels of the picture around a tile.
  package init(
    _ picture: Picture, scale: Int, pixels: Int, border: SuperResolver.Border, margin: Int = Self.margin
  ) {
    let limit = Int(Double(pixels).squareRoot()) / scale - 2 * margin
    // A thin picture is framed to many times its pixels, so that is what counts; of ordinary ones the frame is little.
    let frame = Frame(width: picture.width, height: picture.height, scale: scale, border: border)
    let isWhole =
      scale * scale * picture.width * picture.height <= pixels
      && scale * scale * frame.width * frame.height <= 2 * pixels
    func parts(_ side: Int) -> [Range<Int>] {
      let count = isWhole ? 1 : (side + limit - 1) / limit
      return (0..<count).map { side * $0 / count..<side * ($0 + 1) / count }
    }
    func framed(_ part: Range<Int>, _ side: Int) -> Range<Int> {
      if isWhole { return part }
      let wide = part.lowerBound - margin..<part.upperBound + margin
      return border == .repeating ? wide : wide.clamped(to: 0..<side)
    }
    tiles = parts(picture.height).flatMap { rows in
      parts(picture.width).map { columns in
        Tile(
          rows: rows, columns: columns, framedRows: framed(rows, picture.height),
          framedColumns: framed(columns, picture.width))
      }
    }
  }
}

extension Picture {
  /// Rows and columns of the picture, beyond its sides those of the repeated picture.
  package func part(rows: Range<Int>, columns: Range<Int>) -> Picture {
    if rows == 0..<height && columns == 0..<width { return self }
    let samples: Samples =
      switch samples {
      case .bits8(let samples): .bits8(part(of: samples, rows, columns))
      case .bits16(let samples): .bits16(part(of: samples, rows, columns))
      }
    return Picture(like: self, width: columns.count, height: rows.count, samples: samples)
  }

  package func part(_ part: PicturePart) -> Picture {
    self.part(rows: part.top..<part.top + part.height, columns: part.left..<part.left + part.width)
  }

  private func part<Sample>(of samples: [Sample], _ rows: Range<Int>, _ columns: Range<Int>)
    -> [Sample]
  {
    var part: [Sample] = []
    part.reserveCapacity(3 * rows.count * columns.count)
    for row in rows {
      for column in columns {
        let index = 3 * (modulo(row, height) * width + modulo(column, width))
        part += samples[index..<index + 3]
      }
    }
    return part
  }
}

/// `index` brought into 0 ..< count by whole turns.
func modulo(_ index: Int, _ count: Int) -> Int {
  let rest = index % count
  return rest < 0 ? rest + count : rest
}
