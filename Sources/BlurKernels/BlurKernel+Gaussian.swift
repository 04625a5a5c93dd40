import Numerics

extension BlurKernel {
  /// A Gaussian of the given covariance sampled at pixel centres, 1 at its peak, not normalised.
  /// - Precondition: the covariance is positive definite.
  public static func gaussian(
    side: Int, centre: (x: Double, y: Double), covariance: Covariance
  ) -> BlurKernel {
    let determinant = covariance.xx * covariance.yy - covariance.xy * covariance.xy
    precondition(determinant > 0 && covariance.xx > 0, "a Gaussian needs a positive definite covariance")
    let values = (0..<side * side).map { index in
      let x = Double(index % side) - centre.x
      let y = Double(index / side) - centre.y
      let form = covariance.yy * x * x - 2 * covariance.xy * x * y + covariance.xx * y * y
      return Elementary.exponential(-0.5 * form / determinant)
    }
    return BlurKernel(side: side, values: values)
  }

  /// A kernel of scale 2 as the paper draws them, 11x11: a Gaussian centred at (5.5, 5.5), times the noise,
  /// moved to centre of mass 4.5, divided by its sum; small negative values stay. The same arguments give the
  /// same bits on every machine.
  /// - Parameters:
  ///   - lambda1: variance along the first axis in square pixels, positive.
  ///   - lambda2: variance across it, positive.
  ///   - theta: angle of the first axis to the x axis in radians, towards y (downwards).
  ///   - noise: 121 factors, one for each value, or none; the paper draws them from 1 + U[-a, a].
  public static func anisotropicGaussian(
    lambda1: Double, lambda2: Double, theta: Double, noise: [Double]? = nil
  ) -> BlurKernel {
    anisotropicGaussian(Covariance(lambda1: lambda1, lambda2: lambda2, theta: theta), noise: noise)
  }

  /// The same from the covariance that the Gaussian is drawn with; the kernel's own is a little less, for want of tails.
  /// - Precondition: the covariance is positive definite.
  public static func anisotropicGaussian(_ covariance: Covariance, noise: [Double]? = nil) -> BlurKernel {
    let clean = gaussian(side: sideAtScale2, centre: (5.5, 5.5), covariance: covariance)
    return clean.multiplied(by: noise).centred(at: 4.5).normalised()
  }

  /// The kernel of scale 4, 21x21, that stands for degrading twice by this one of scale 2: the 31x31 kernel
  /// of both blurs in a row, its outermost 5 pixels removed, normalised, moved to centre of mass 8.5. Not
  /// normalised again, so it sums to 0.98 ... 1, as the benchmark's do.
  /// - Throws: `DegradationError.side` unless this kernel is 11x11.
  public func x4() throws(DegradationError) -> BlurKernel {
    guard side == Self.sideAtScale2 else {
      throw .side(operation: "derive a kernel of scale 4", actual: side, expected: Self.sideAtScale2)
    }
    return appliedTwiceAtScale2().window(side: 2 * side - 1, from: 5).normalised().centred(at: 8.5)
  }

  private static var sideAtScale2: Int { 11 }

  private func multiplied(by factors: [Double]?) -> BlurKernel {
    guard let factors else { return self }
    precondition(factors.count == values.count, "kernel noise is one factor for each value")
    return BlurKernel(side: side, values: zip(values, factors).map { $0 * $1 })
  }

  /// (3 side - 2) squared: the sum over all (row, column) of k[row, column] * k placed at (2 row, 2 column).
  private func appliedTwiceAtScale2() -> BlurKernel {
    let wide = 3 * side - 2
    var total = [Double](repeating: 0, count: wide * wide)
    for outer in values.indices {
      let corner = 2 * (outer / side * wide + outer % side)
      for inner in values.indices {
        total[corner + inner / side * wide + inner % side] += values[outer] * values[inner]
      }
    }
    return BlurKernel(side: wide, values: total)
  }
}

extension BlurKernel.Covariance {
  /// Of variance lambda1 along an axis at angle theta to the x axis (radians, towards y), lambda2 across it.
  package init(lambda1: Double, lambda2: Double, theta: Double) {
    let (sine, cosine) = Elementary.sineAndCosine(theta)
    self.init(
      xx: lambda1 * cosine * cosine + lambda2 * sine * sine,
      xy: (lambda1 - lambda2) * cosine * sine,
      yy: lambda1 * sine * sine + lambda2 * cosine * cosine)
  }
}
