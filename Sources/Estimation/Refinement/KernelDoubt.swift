import Foresight
package import Imaging

extension KernelRefinement.Fit {
  /// The limits beyond which a kernel is doubted. Kernels of the expected kinds leave 0.01 to 0.05 of the picture's
  /// power unexplained, and least squares depart from them by less than 0.3. For real camera shake of 15 to 27
  /// pixels, whose kernels were wrong, the figures were 0.11 to 0.19 and 0.4 to 0.8 (with USRNet-tiny).
  private static let most = (unexplained: 0.1, departure: 0.35)

  /// The doubt that the user should know, in one sentence, where the kernel does not explain its picture; nil where
  /// it does.
  public var doubt: String? {
    guard unexplained > Self.most.unexplained || departure > Self.most.departure else { return nil }
    return "no kernel of 11x11 pixels explains the picture; its blur is wider or of another kind"
  }
}

extension KernelRefinement.Outcome {
  /// The doubt that the user should know after a refinement, in one sentence; nil where there is none.
  public var doubt: String? {
    fit?.doubt
      ?? (isUndecided ? "the picture does not tell whether its blur is a Gaussian or a uniform disk" : nil)
  }
}

extension Picture {
  /// The doubt about a picture whose blur a camera's processing has changed, in one sentence; nil for other pictures.
  /// Sharpening makes the blur narrower than the lens's, demosaicking and denoising make it wider.
  package var processingDoubt: String? {
    guard let spectrum = noiseSpectrum,
      spectrum.processing(wasJPEG: false) > 0.5 || spectrum.processing(wasJPEG: jpegTrace != nil) > 0.5
    else { return nil }
    return "the picture shows a camera's demosaicking or denoising, which hides the lens's blur"
  }
}

extension KernelSpread {
  /// The spread with one more doubt, if there is one; a kernel with a doubt is not confident.
  func adding(_ doubt: String?) -> KernelSpread {
    KernelSpread(
      covarianceBound: covarianceBound, typicalDifference: typicalDifference,
      doubts: doubts + [doubt].compactMap(\.self))
  }
}
