/// How a tool writes blur kernels: whether it correlates or convolves with them, and where it expects their centre.
/// Kernels look alike in all of them, so that a wrong one shows only as a picture moved by a pixel or three.
///
/// Coordinates count from 0 at the kernel's top left value; `docs/kernel-conventions.md` derives each centre from the
/// tools' own code.
public enum KernelConvention: String, Sendable, CaseIterable {
  /// Ours, and that of FKP's programs and benchmark: correlation, centre at (side - scale) / 2. Enlarged pictures lie
  /// scale - 1 pixels to the upper left of where a plain enlargement (bicubic) puts them.
  case fkp
  /// KernelGAN's `kernel_shift`: correlation, centre at side / 2 rounded down, plus (scale - side mod 2) / 2. Enlarged
  /// pictures lie where a plain enlargement puts them.
  case kernelGAN = "kernelgan"
  /// USRNet's own kernels, and most point-spread functions: convolution, centre at (side - 1) / 2.
  case usrNet = "usrnet"
  /// The same after USRNet's `shift_pixel`: convolution, centre at (side - scale) / 2, aligned as KernelGAN's.
  case usrNetShifted = "usrnet-shifted"

  /// Whether the kernel is turned by 180 degrees before it is laid over the picture.
  public var isConvolution: Bool { self == .usrNet || self == .usrNetShifted }

  /// Where the centre of mass of a blur that moves nothing lies, on both axes.
  public func centre(side: Int, scale: Int) -> Double {
    switch self {
    case .fkp, .usrNetShifted: Double(side - scale) / 2
    case .kernelGAN: Double(side / 2) + Double(scale - side % 2) / 2
    case .usrNet: Double(side - 1) / 2
    }
  }

  /// The same for the kernel as it is correlated with.
  fileprivate func correlationCentre(side: Int, scale: Int) -> Double {
    let centre = centre(side: side, scale: scale)
    return isConvolution ? Double(side - 1) - centre : centre
  }
}

extension BlurKernel {
  /// The same blur as another tool would write it: turned where the one correlates and the other convolves, and moved
  /// from the one centre to the other.
  ///
  /// It is moved, not centred: a kernel that is off its tool's centre stays so by as much. Where it moves, zeros are put
  /// around it first, so that nothing is cut off, and its side grows by two for every pixel begun (11 to 13 at scale 2,
  /// 21 to 27 at scale 4 from `fkp` to `kernelGAN`). Moves by whole pixels are exact.
  public func converted(
    from source: KernelConvention, to target: KernelConvention, scale: Int
  ) -> BlurKernel {
    precondition(scale > 0, "a scale of \(scale)")
    let correlated = source.isConvolution ? rotated180() : self
    let move =
      target.correlationCentre(side: side, scale: scale)
      - source.correlationCentre(side: side, scale: scale)
    let moved = correlated.moved(by: move)
    return target.isConvolution ? moved.rotated180() : moved
  }

  private func moved(by distance: Double) -> BlurKernel {
    if distance == 0 { return self }
    let border = Int(abs(distance).rounded(.up))
    return window(side: side + 2 * border, from: -border).shifted(by: (x: distance, y: distance))
  }
}
