import BlurKernels
import Layers
import Numerics

/// FKP, a flow-based prior of blur kernels (Liang, Zhang, Gu, Van Gool, Timofte, CVPR 2021): a normalising flow
/// between anisotropic Gaussian kernels of one scale and latent vectors. Every latent vector of norm side - 1 decodes
/// to a plausible kernel.
///
/// Kernels are cross-correlation kernels with centre of mass (side - scale) / 2, the project's convention: 11x11 at
/// scale 2, 19x19 at scale 4. Decoded kernels sum to about 1 and are not normalised.
public struct KernelFlow: Sendable {
  /// 2 or 4.
  public let scale: Int
  /// The side of its kernels: 4 scale + 3.
  public let side: Int
  package internal(set) var flow: CouplingFlow
  /// The divisor of kernel values: the largest value of the narrowest kernel, plus 0.01.
  private let ceiling: Double

  /// The distance of logits' arguments from 0 and 1.
  private static let alpha = 1e-6
  /// The amplitude of the noise on values divided by `ceiling`. Without noise the likelihood has no bound.
  static let dequantisation = 1.0 / 720

  /// - Precondition: `flow` has the features of `emptyFlow(scale:)`.
  package init(scale: Int, flow: CouplingFlow) {
    (self.scale, self.flow, side) = (scale, flow, Self.side(scale))
    precondition(
      flow.features == side * side, "a flow of \(flow.features) features has no kernel of scale \(scale)")
    let narrowest = KernelFlow.variances(scale).lowerBound
    let peak =
      Self.gaussian(scale: scale, Self.Shape(lambda1: narrowest, lambda2: narrowest, theta: 0)).values.max()
      ?? 0
    ceiling = peak + 0.01
  }

  static func side(_ scale: Int) -> Int { 4 * scale + 3 }

  /// A flow of the size for a scale, with zero parameters.
  static func emptyFlow(scale: Int) -> CouplingFlow {
    CouplingFlow(features: side(scale) * side(scale), hidden: hidden(scale))
  }

  static func hidden(_ scale: Int) -> Int { min(5 * scale + 5, 25) }
}

extension KernelFlow {
  /// The range of both variances of the kernels that the flow of a scale is trained on, in square pixels.
  static func variances(_ scale: Int) -> ClosedRange<Double> {
    0.175 * Double(scale)...min(2.5 * Double(scale), 10)
  }

  /// The shape of a Gaussian: variances in square pixels along an axis at angle theta to the x axis, in radians, and
  /// across it.
  package struct Shape: Sendable {
    var lambda1: Double, lambda2: Double, theta: Double

    package init(lambda1: Double, lambda2: Double, theta: Double) {
      (self.lambda1, self.lambda2, self.theta) = (lambda1, lambda2, theta)
    }
  }

  /// The Gaussian kernel of a shape, normalised; at scale 2 the same as `BlurKernel.anisotropicGaussian`.
  package static func gaussian(scale: Int, _ shape: Shape) -> BlurKernel {
    let side = side(scale)
    let middle = Double(side / 2) + 0.5 * Double(scale - side % 2)
    let covariance = BlurKernel.Covariance(lambda1: shape.lambda1, lambda2: shape.lambda2, theta: shape.theta)
    let raw = BlurKernel.gaussian(side: side, centre: (middle, middle), covariance: covariance)
    return raw.centred(at: Double(side - scale) / 2).normalised()
  }

  /// Draws a kernel: variances uniform on `variances`, the angle uniform on 0 ..< pi.
  static func draw(scale: Int, using random: inout Philox) -> BlurKernel {
    let range = variances(scale).lowerBound..<variances(scale).upperBound
    let lambda1 = random.uniform(in: range)
    let lambda2 = random.uniform(in: range)
    let theta = random.uniform(in: 0..<Double.pi)
    return gaussian(scale: scale, Shape(lambda1: lambda1, lambda2: lambda2, theta: theta))
  }

  /// The flow's input for a kernel: the logits of its values, divided by `ceiling`, with noise.
  /// - Parameter noise: called for each value; in [0, 1).
  func logits(of kernel: BlurKernel, noise: () -> Double) -> [Double] {
    kernel.values.map { value in
      let share = max(value, 0) / ceiling + noise() * Self.dequantisation
      let inside = Self.alpha + (1 - 2 * Self.alpha) * share
      return Elementary.logarithm(inside / (1 - inside))
    }
  }

  /// The latent vector of a kernel, (side^2), with the mean of the noise.
  package func latent(of kernel: BlurKernel) -> [Double] {
    flow.forward(Columns(logits(of: kernel, noise: { 0.5 }))).latent.sample(0)
  }
}

extension KernelFlow {
  /// A decoded kernel, and the values that `latentGradient` needs.
  package struct Decoded {
    /// (side, side); values are above -1.1e-6 `ceiling`.
    package let values: [Double]
    fileprivate let pass: CouplingFlow.InversePass
    /// The derivatives of the values by the logits.
    fileprivate let slopes: [Double]
  }

  /// The kernel of a latent vector, (side^2).
  package func decode(_ latent: [Double]) -> Decoded {
    let pass = flow.inverse(Columns(latent))
    let shares = pass.result.sample(0).map { 1 / (1 + Elementary.exponential(-$0)) }
    let factor = ceiling / (1 - 2 * Self.alpha)
    return Decoded(
      values: shares.map { ($0 - Self.alpha) * factor }, pass: pass,
      slopes: shares.map { $0 * (1 - $0) * factor })
  }

  /// The gradient of a loss by the latent vector, (side^2).
  /// - Parameters:
  ///   - decoded: the kernel of that vector.
  ///   - kernel: the loss's gradient by the kernel's values, (side, side).
  package func latentGradient(_ decoded: Decoded, _ kernel: [Double]) -> [Double] {
    let logits = zip(kernel, decoded.slopes).map { $0 * $1 }
    return flow.inverseBackward(decoded.pass, Columns(logits)).sample(0)
  }
}
