public import BlurKernels

/// A kernel from a file, to be used in place of an estimate.
public struct GivenKernel: Sendable {
  /// Nil where it does not come from a file.
  public let path: String?
  /// In our own convention, with sum 1.
  public let kernel: BlurKernel
  public let notes: [String]

  /// - Parameters:
  ///   - convention: whose rules the kernel follows.
  ///   - scale: of the enlargement that it is for.
  public init(
    _ kernel: BlurKernel, path: String? = nil, convention: KernelConvention = .fkp, scale: Int
  ) {
    let (normalised, note) = kernel.sumNormalised()
    self.path = path
    self.kernel = normalised.converted(from: convention, to: .fkp, scale: scale)
    notes = [note].compactMap { $0 }
  }

  /// - Throws: `DegradationError.unreadable`.
  public init(
    path: String, convention: KernelConvention = .fkp, scale: Int
  ) throws(DegradationError) {
    self.init(try BlurKernel.read(path), path: path, convention: convention, scale: scale)
  }
}
