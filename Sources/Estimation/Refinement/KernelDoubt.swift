import Foresight
package import Imaging

extension KernelRefinement.Fit {
  /// A kernel of the kinds that are looked for leaves 0.01 to 0.05 of its picture unexplained, and least squares depart from
  /// it by less than 0.3. Real camera shake of 15 to 27 pixels, whose kernels were wrong, left 0.11 to 0.19 and departed by
  /// 0.4 to 0.8 (with USRNet-tiny).
  private static let most = (unexplained: 0.1, departure: 0.35)

  /// What the user should know of a kernel that does not explain its picture; nil of one that does.
  public var doubt: String? {
    guard unexplained > Self.most.unexplained || departure > Self.most.departure else { return nil }
    return "no kernel of 11x11 pixels explains the picture; its blur is wider or of another kind"
  }
}

extension KernelRefinement.Outcome {
  /// What the user should know of what came of a refinement; nil where there is nothing to say.
  public var doubt: String? {
    fit?.doubt
      ?? (isUndecided ? "the picture does not tell whether its blur is a Gaussian or a uniform disk" : nil)
  }
}

extension Picture {
  /// What the user should know of a picture whose blur a camera's processing has changed; nil of others. Sharpening makes
  /// it narrower than the lens left it, demosaicking and denoising wider.
  package var processingDoubt: String? {
    guard let spectrum = noiseSpectrum,
      spectrum.processing(wasJPEG: false) > 0.5 || spectrum.processing(wasJPEG: jpegTrace != nil) > 0.5
    else { return nil }
    return "the picture shows a camera's demosaicking or denoising, which hides the lens's blur"
  }
}

extension KernelSpread {
  /// With one thing more that the user should know, after which the kernel is not confident.
  func adding(_ doubt: String?) -> KernelSpread {
    KernelSpread(
      covarianceBound: covarianceBound, typicalDifference: typicalDifference,
      doubts: doubts + [doubt].compactMap(\.self))
  }
}
