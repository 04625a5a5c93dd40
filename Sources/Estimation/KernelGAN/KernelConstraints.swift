import BlurKernels
import Numerics

/// The terms of KernelGAN's loss that depend on the generator's kernel alone, except the one of its sum, with the
/// numbers of the authors' program. Each function returns the term's value and adds `weight` times its gradient to
/// `gradient`; kernel and gradient are (side, side).
package struct KernelConstraints: Sendable {
  private let side: Int
  /// The wanted centre of mass on both axes: half a pixel beyond the middle of an odd side, where an output pixel of
  /// scale 2 lies.
  private let centre: Double
  /// The weight of each entry's absolute value, (side, side).
  private let mask: [Double]

  /// - Parameter side: the kernel's, odd.
  package init(side: Int) {
    (self.side, centre) = (side, Double(side) / 2)
    mask = Self.mask(side: side)
  }

  /// mean |mask * k|: entries in the outer rings cost more the farther they are from the middle.
  package func boundaries(_ kernel: [Double], weight: Double, _ gradient: inout [Double]) -> Double {
    let share = 1 / Double(kernel.count)
    var sum = 0.0
    for (i, value) in kernel.enumerated() where value != 0 {
      sum += mask[i] * abs(value)
      gradient[i] += weight * share * (value > 0 ? mask[i] : -mask[i])
    }
    return share * sum
  }

  /// The mean over both axes of the squared distance of the centre of mass from the wanted one, in square pixels. It
  /// is 0 for a kernel that sums to 0, and its gradient, too.
  package func central(_ kernel: [Double], weight: Double, _ gradient: inout [Double]) -> Double {
    let kernel = BlurKernel(side: side, values: kernel)
    let total = kernel.sum
    guard total != 0 else { return 0 }
    let mass = kernel.centreOfMass
    let (x, y) = (mass.x - centre, mass.y - centre)
    for i in gradient.indices {
      gradient[i] += weight / total * (x * (Double(i % side) - mass.x) + y * (Double(i / side) - mass.y))
    }
    return (x * x + y * y) / 2
  }

  /// mean |k|^0.2, steepest for small entries; the gradient by an entry of 0 is 0.
  package func sparse(_ kernel: [Double], weight: Double, _ gradient: inout [Double]) -> Double {
    let share = 1 / Double(kernel.count)
    var sum = 0.0
    for (i, value) in kernel.enumerated() where value != 0 {
      let root = Self.fifthRoot(abs(value))
      sum += root
      gradient[i] += weight * share * 0.2 * root / value
    }
    return share * sum
  }

  /// 30 (1 - g) outside a middle square, 0 in it; g is a Gaussian of deviation `side`, 1 at the middle.
  private static func mask(side: Int) -> [Double] {
    let middle = side / 2
    let margin = (side - (side + 1) / 2) / 2 - 1
    let inside = margin..<side - margin
    return (0..<side * side).map { i in
      let (row, column) = (i / side, i % side)
      if inside.contains(row) && inside.contains(column) { return 0 }
      let squares = (row - middle) * (row - middle) + (column - middle) * (column - middle)
      return 30 * (1 - Elementary.exponential(-Double(squares) / Double(2 * side * side)))
    }
  }

  /// x^(1/5) for x > 0, by Newton's iteration from above: the C library's pow differs by version.
  package static func fifthRoot(_ x: Double) -> Double {
    var root = Double(sign: .plus, exponent: Int((Double(x.exponent + 1) / 5).rounded(.up)), significand: 1)
    while true {
      let next = (4 * root + x / (root * root * root * root)) / 5
      guard next < root else { return root }
      root = next
    }
  }
}
