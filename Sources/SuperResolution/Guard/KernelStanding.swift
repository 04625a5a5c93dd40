/// How well a kernel is known and how well it explains its picture, as far as the way it was found tells.
public struct KernelStanding: Codable, Sendable, Equatable {
  /// In nine pictures of ten, LK-COV to the true kernel of scale 2 stays under this, in square pixels.
  public let covarianceBound: Double
  /// In half of all pictures, the root of the sum of squared differences to the true kernel of scale 2 stays under this.
  public let typicalDifference: Double
  /// Logarithm of what the uniform disk leaves unexplained of the picture, in shares of what the Gaussian does; nil where
  /// they were not compared.
  public let rivalRatio: Double?
  /// What least squares say: the length of the difference to the kernel that they find, in shares of the kernel's, and
  /// what the kernel leaves unexplained, in shares of the picture's power. Nil where they were not asked.
  public let departure, unexplained: Double?

  public init(
    covarianceBound: Double, typicalDifference: Double, rivalRatio: Double? = nil, departure: Double? = nil,
    unexplained: Double? = nil
  ) {
    (self.covarianceBound, self.typicalDifference) = (covarianceBound, typicalDifference)
    (self.rivalRatio, self.departure, self.unexplained) = (rivalRatio, departure, unexplained)
  }

  /// A kernel that the user gives counts as right: as right kernels of clean pictures stand.
  public static func given(scale: Int) -> KernelStanding {
    KernelStanding(
      covarianceBound: 0.9, typicalDifference: 0.008, rivalRatio: 0.18, departure: scale == 2 ? 0.06 : nil,
      unexplained: scale == 2 ? 0.03 : nil)
  }

  /// A kernel whose method does not say how far it may be off.
  public static let unknown = KernelStanding(covarianceBound: 3.5, typicalDifference: 0.08)
}
