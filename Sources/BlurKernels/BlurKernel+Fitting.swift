/// A kernel brought to another side.
public struct FittedKernel: Sendable, Equatable {
  /// Sums to 1.
  public let kernel: BlurKernel
  /// The share of the sum of all magnitudes that lay outside and was cut off.
  public let lost: Double
}

extension BlurKernel {
  /// This kernel with `newSide` rows and columns, padded with zeros or cropped about its centre of mass: the whole-pixel
  /// shift is taken that brings the centre of mass nearest to `centre` on both axes. Then the kernel is divided by its sum.
  ///
  /// Nothing is interpolated where both sides are odd, or both even. Otherwise the middle of the one lies between two
  /// pixels of the other, and the kernel is moved by a fraction of a pixel (`shifted(by:)`) to lie exactly at `centre`.
  /// Nil where what is left does not sum to a positive number.
  /// - Parameter centre: where the centre of mass of a kernel of the new side belongs, such as 4.5 for 11x11 at scale 2.
  /// - Precondition: the sum is positive.
  public func fitted(toSide newSide: Int, centre: Double) -> FittedKernel? {
    let isEven = side.isMultiple(of: 2)
    let whole = isEven == newSide.isMultiple(of: 2) ? self : movedToFraction(of: centre)
    let mass = whole.centreOfMass
    let window = whole.window(
      side: newSide, row: Int((mass.y - centre).rounded()), column: Int((mass.x - centre).rounded()))
    guard window.sum > 0 else { return nil }
    let (kept, all) = (window.magnitude, whole.magnitude)
    return FittedKernel(kernel: window.normalised(), lost: max(1 - kept / all, 0))
  }

  /// The kernel with a border of zeros, moved by less than a pixel, so that a whole-pixel shift brings its centre of mass to
  /// `centre`.
  private func movedToFraction(of centre: Double) -> BlurKernel {
    let padded = window(side: side + 4, from: -2)
    let mass = padded.centreOfMass
    func fraction(_ position: Double) -> Double { (position - centre).rounded() - (position - centre) }
    return padded.shifted(by: (x: fraction(mass.x), y: fraction(mass.y)))
  }

  private var magnitude: Double { values.reduce(0) { $0 + abs($1) } }
}
