import BlurKernels
import Imaging
import SuperResolution

/// Where the pixels of an enlarged picture lie, and what is beyond its border.
public enum ResultGrid: Sendable {
  /// As a plain enlargement puts them; beyond the border the scene goes on.
  case photograph
  /// On the grid of the high-resolution pictures that a benchmark was made from, whose low-resolution pictures were blurred
  /// as if they repeated beyond their border.
  case benchmark

  /// The kernel, given in our own convention, as the enlarger must have it for this grid.
  func kernel(_ kernel: BlurKernel, scale: Int) -> BlurKernel {
    switch self {
    case .photograph: kernel.converted(from: .fkp, to: .kernelGAN, scale: scale)
    case .benchmark: kernel
    }
  }

  var border: SuperResolver.Border {
    switch self {
    case .photograph: .continued
    case .benchmark: .repeating
    }
  }
}
