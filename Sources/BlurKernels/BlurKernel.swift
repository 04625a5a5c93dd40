/// A square blur kernel, used by cross-correlation everywhere: its value in row a and column b weighs the
/// picture's pixel at (row + a - side/2, column + b - side/2). It is never flipped on the way to a file.
///
/// Coordinates count from 0 at the top left value; x is the column, y the row, downwards.
public struct BlurKernel: Sendable, Equatable {
  /// Rows, and columns: `side(scale:)` for kernels that are estimated or drawn.
  public let side: Int
  /// values: (side, side), row by row. They need not sum to one, and a few may be slightly negative.
  public let values: [Double]

  /// - Precondition: `side` is positive and `values` holds `side * side` numbers.
  public init(side: Int, values: [Double]) {
    precondition(side > 0 && values.count == side * side, "a blur kernel is square and not empty")
    self.side = side
    self.values = values
  }

  /// The side of the paper's kernels: 11 at scale 2, 21 at scale 4.
  package static func side(scale: Int) -> Int { scale == 4 ? 21 : 11 }

  public subscript(row: Int, column: Int) -> Double { values[row * side + column] }

  /// The sum of all values, the factor by which the kernel changes a picture's brightness.
  public var sum: Double { values.reduce(0, +) }

  /// The same kernel divided by its sum.
  /// - Precondition: the sum is not zero; kernels that come from files have a positive one.
  public func normalised() -> BlurKernel {
    let total = sum
    precondition(total != 0, "a kernel that sums to zero cannot be normalised")
    return BlurKernel(side: side, values: values.map { $0 / total })
  }
}

extension BlurKernel {
  /// Columns mirrored, left to right.
  public func flippedColumns() -> BlurKernel { rearranged { row, column in (row, side - 1 - column) } }

  /// Rows mirrored, top to bottom.
  public func flippedRows() -> BlurKernel { rearranged { row, column in (side - 1 - row, column) } }

  /// Turned by 180 degrees, which makes of a correlation kernel the convolution kernel of the same blur.
  public func rotated180() -> BlurKernel { BlurKernel(side: side, values: values.reversed()) }

  /// Rows and columns exchanged.
  public func transposed() -> BlurKernel { rearranged { row, column in (column, row) } }

  /// The `newSide` rows and columns from (corner, corner) on, which may be negative; 0 outside this kernel.
  package func window(side newSide: Int, from corner: Int) -> BlurKernel {
    window(side: newSide, row: corner, column: corner)
  }

  /// The same from (row, column) on.
  func window(side newSide: Int, row firstRow: Int, column firstColumn: Int) -> BlurKernel {
    let inside = 0..<side
    let values = (0..<newSide * newSide).map { index in
      let (row, column) = (index / newSide + firstRow, index % newSide + firstColumn)
      return inside.contains(row) && inside.contains(column) ? self[row, column] : 0
    }
    return BlurKernel(side: newSide, values: values)
  }

  private func rearranged(_ source: (_ row: Int, _ column: Int) -> (Int, Int)) -> BlurKernel {
    let values = (0..<side * side).map { index in
      let (row, column) = source(index / side, index % side)
      return self[row, column]
    }
    return BlurKernel(side: side, values: values)
  }
}
