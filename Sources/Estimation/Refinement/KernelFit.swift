/// Least squares for a kernel: the difference d from a kernel k that minimises
///
///     |y - (k + d) * x|^2 + weight * sum of d_i^2 / (k_i^2 / max k^2 + floor)
///
/// for the given picture y and the enlarged one x, among those that keep the kernel's sum, centre and second moments.
/// The second term expects departures in proportion to the kernel (the paper's non-Gaussian kernels are multiplied
/// with noise).
package struct KernelFit {
  private let products: WindowProducts

  /// The weight of the second term, in shares of the picture's power.
  private static let weight = 0.1
  /// Allows a difference where the kernel is 0.
  private static let floor = 0.01
  private static let moments = 6

  package init(_ products: WindowProducts) { self.products = products }

  /// The difference d, (11, 11).
  /// - Parameter kernel: k, (11, 11).
  package func difference(from kernel: [Double]) -> [Double] {
    let n = WindowProducts.count
    let size = n + Self.moments
    let largest = kernel.map(abs).max() ?? 0
    var rows = [[Double]](repeating: [Double](repeating: 0, count: size + 1), count: size)
    let explained = explained(by: kernel)
    for i in 0..<n {
      for j in 0..<n { rows[i][j] = products.windows[i * n + j] }
      let share = kernel[i] / largest
      rows[i][i] += Self.weight * products.power / (share * share + Self.floor)
      rows[i][size] = products.mixed[i] - explained[i]
      let (x, y) = (Double(i % WindowProducts.side) - 4.5, Double(i / WindowProducts.side) - 4.5)
      for (number, moment) in [1, x, y, x * x, x * y, y * y].enumerated() {
        (rows[i][n + number], rows[n + number][i]) = (moment, moment)
      }
    }
    return Array(Self.solved(rows).prefix(n))
  }

  /// The share of the picture's power that a kernel, (11, 11), leaves unexplained.
  package func unexplained(by kernel: [Double]) -> Double {
    var left = products.power
    for (i, explained) in explained(by: kernel).enumerated() {
      left += kernel[i] * (explained - 2 * products.mixed[i])
    }
    return left / products.power
  }

  /// The mean products of the window's values with the kernel's result for the window, (121).
  private func explained(by kernel: [Double]) -> [Double] {
    let n = WindowProducts.count
    return (0..<n).map { i in
      (0..<n).reduce(0.0) { $0 + products.windows[i * n + $1] * kernel[$1] }
    }
  }

  /// Solves [A | b] by Gaussian elimination with partial pivoting. There is one small system for each picture; LAPACK
  /// would bring a BLAS whose symbols clash with those of libxsmm's substitute for one.
  private static func solved(_ system: [[Double]]) -> [Double] {
    var rows = system
    let size = rows.count
    for column in 0..<size {
      let pivot = (column..<size).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
      rows.swapAt(column, pivot)
      for row in column + 1..<size {
        let factor = rows[row][column] / rows[column][column]
        guard factor != 0 else { continue }
        for i in column...size { rows[row][i] -= factor * rows[column][i] }
      }
    }
    var solution = [Double](repeating: 0, count: size)
    for row in (0..<size).reversed() {
      let known = (row + 1..<size).reduce(0.0) { $0 + rows[row][$1] * solution[$1] }
      solution[row] = (rows[row][size] - known) / rows[row][row]
    }
    return solution
  }
}
