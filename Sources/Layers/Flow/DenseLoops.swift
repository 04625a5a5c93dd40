/// The three products of a fully connected layer on batches in double precision. Sums run in a fixed order, by separate
/// multiplications and additions, so equal inputs give equal bytes on every machine.
enum DenseLoops {
  /// A weight matrix, or its transpose, somewhere in a parameter set.
  struct Matrix {
    let pointer: UnsafePointer<Double>
    let rows: Int, columns: Int
    /// Numbers from a row to the next, and from a column to the next.
    let rowStep: Int, columnStep: Int

    init(_ pointer: UnsafePointer<Double>, rows: Int, columns: Int) {
      (self.pointer, self.rows, self.columns, rowStep, columnStep) = (pointer, rows, columns, columns, 1)
    }

    private init(transposing other: Matrix) {
      (pointer, rows, columns) = (other.pointer, other.columns, other.rows)
      (rowStep, columnStep) = (other.columnStep, other.rowStep)
    }

    var transposed: Matrix { Matrix(transposing: self) }
  }

  /// matrix (rows, columns) times x (columns, samples), plus the bias of each row.
  static func product(_ matrix: Matrix, bias: UnsafePointer<Double>? = nil, _ x: Columns) -> Columns {
    var y = Columns(rows: matrix.rows, count: x.count)
    precondition(x.rows == matrix.columns)
    let stride = x.stride
    y.values.withUnsafeMutableBufferPointer { y in
      x.values.withUnsafeBufferPointer { x in
        // Unsafe: both have whole rows of `stride` numbers, as many rows as the matrix has rows and columns.
        guard let y = y.baseAddress, let x = x.baseAddress else { return }
        for row in Swift.stride(from: 0, to: matrix.rows, by: 4) {
          let rows = SIMD4<Int>(0, 1, 2, 3) &+ row
          // The last rows are computed again where four do not divide.
          let chosen = rows.clamped(
            lowerBound: SIMD4(repeating: 0), upperBound: SIMD4(repeating: matrix.rows - 1))
          for sample in Swift.stride(from: 0, to: stride, by: 4) {
            fourRows(chosen, of: matrix, bias: bias, times: x + sample, into: y + sample, stride: stride)
          }
        }
      }
    }
    return y
  }

  /// Four rows of the product for the four samples at `x`; they go to the same rows of `y`.
  @inline(__always)
  private static func fourRows(
    _ rows: SIMD4<Int>, of matrix: Matrix, bias: UnsafePointer<Double>?, times x: UnsafePointer<Double>,
    into y: UnsafeMutablePointer<Double>, stride: Int
  ) {
    let (first, second) = (
      matrix.pointer + rows[0] * matrix.rowStep, matrix.pointer + rows[1] * matrix.rowStep
    )
    let (third, fourth) = (
      matrix.pointer + rows[2] * matrix.rowStep, matrix.pointer + rows[3] * matrix.rowStep
    )
    var a = SIMD4<Double>(repeating: bias?[rows[0]] ?? 0)
    var b = SIMD4<Double>(repeating: bias?[rows[1]] ?? 0)
    var c = SIMD4<Double>(repeating: bias?[rows[2]] ?? 0)
    var d = SIMD4<Double>(repeating: bias?[rows[3]] ?? 0)
    for column in 0..<matrix.columns {
      let (value, at) = (load(x + column * stride), column * matrix.columnStep)
      a += value * first[at]
      b += value * second[at]
      c += value * third[at]
      d += value * fourth[at]
    }
    store(a, y + rows[0] * stride)
    store(b, y + rows[1] * stride)
    store(c, y + rows[2] * stride)
    store(d, y + rows[3] * stride)
  }

  /// out (d's rows, x's rows) = the sum over samples of d times x.
  static func outer(_ d: Columns, _ x: Columns, into out: UnsafeMutablePointer<Double>) {
    precondition(d.count == x.count)
    let stride = d.stride
    d.values.withUnsafeBufferPointer { left in
      x.values.withUnsafeBufferPointer { right in
        // Unsafe: whole rows of `stride` numbers.
        guard let left = left.baseAddress, let right = right.baseAddress else { return }
        for row in Swift.stride(from: 0, to: d.rows, by: 2) {
          let rows = (row, min(row + 1, d.rows - 1))
          for column in Swift.stride(from: 0, to: x.rows, by: 2) {
            let columns = (column, min(column + 1, x.rows - 1))
            let (a, b) = (left + rows.0 * stride, left + rows.1 * stride)
            let sums = fourDots(
              (a, b), with: (right + columns.0 * stride, right + columns.1 * stride), count: stride)
            out[rows.0 * x.rows + columns.0] = sums[0]
            out[rows.0 * x.rows + columns.1] = sums[1]
            out[rows.1 * x.rows + columns.0] = sums[2]
            out[rows.1 * x.rows + columns.1] = sums[3]
          }
        }
      }
    }
  }

  private typealias Pair = (UnsafePointer<Double>, UnsafePointer<Double>)

  /// The dot products a.p, a.q, b.p and b.q of vectors of `count` numbers, a multiple of four.
  @inline(__always)
  private static func fourDots(_ left: Pair, with right: Pair, count: Int) -> SIMD4<Double> {
    let ((a, b), (p, q)) = (left, right)
    var (ap, aq) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
    var (bp, bq) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
    for i in Swift.stride(from: 0, to: count, by: 4) {
      let (av, bv, pv, qv) = (load(a + i), load(b + i), load(p + i), load(q + i))
      ap += av * pv
      aq += av * qv
      bp += bv * pv
      bq += bv * qv
    }
    return [fold(ap), fold(aq), fold(bp), fold(bq)]
  }

  /// out (rows) = the sum over samples of d.
  static func sums(_ d: Columns, into out: UnsafeMutablePointer<Double>) {
    for row in 0..<d.rows {
      out[row] = d.values[row * d.stride..<row * d.stride + d.count].reduce(0, +)
    }
  }

  @inline(__always)
  private static func fold(_ x: SIMD4<Double>) -> Double { (x[0] + x[1]) + (x[2] + x[3]) }
}
