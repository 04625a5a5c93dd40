import BlurKernels
import Layers
import Numerics

/// FKP, the flow-based prior of blur kernels: a normalising flow between anisotropic Gaussian kernels of one scale and
/// latent vectors of which every one of norm side - 1 stands for a plausible kernel.
///
/// Kernels are cross-correlation kernels with centre of mass (side - scale) / 2, as everywhere here: 11x11 at scale 2,
/// 19x19 at scale 4. What is decoded sums to about one; it is not scaled to that.
public struct KernelFlow: Sendable {
  public let scale: Int
  /// 4 scale + 3.
  public let side: Int
  package internal(set) var flow: CouplingFlow
  /// What kernel values are divided by.
  private let ceiling: Double

  /// The share that logits keep away from 0 and 1.
  private static let alpha = 1e-6
  /// The amplitude of the noise on values divided by `ceiling`, without which the likelihood has no bound.
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

  /// A flow of the size for a scale, all zero.
  static func emptyFlow(scale: Int) -> CouplingFlow {
    CouplingFlow(features: side(scale) * side(scale), hidden: hidden(scale))
  }

  static func hidden(_ scale: Int) -> Int { min(5 * scale + 5, 25) }
}

extension KernelFlow {
  /// The range of both variances of the kernels that it learns from, in square pixels.
  static func variances(_ scale: Int) -> ClosedRange<Double> {
    0.175 * Double(scale)...min(2.5 * Double(scale), 10)
  }

  /// A Gaussian: variances in square pixels along an axis at angle theta to the x axis and across it.
  package struct Shape: Sendable {
    var lambda1: Double, lambda2: Double, theta: Double

    package init(lambda1: Double, lambda2: Double, theta: Double) {
      (self.lambda1, self.lambda2, self.theta) = (lambda1, lambda2, theta)
    }
  }

  /// One such kernel; at scale 2 the same as `BlurKernel.anisotropicGaussian`.
  package static func gaussian(scale: Int, _ shape: Shape) -> BlurKernel {
    let side = side(scale)
    let middle = Double(side / 2) + 0.5 * Double(scale - side % 2)
    let covariance = BlurKernel.Covariance(lambda1: shape.lambda1, lambda2: shape.lambda2, theta: shape.theta)
    let raw = BlurKernel.gaussian(side: side, centre: (middle, middle), covariance: covariance)
    return raw.centred(at: Double(side - scale) / 2).normalised()
  }

  /// A random one.
  static func draw(scale: Int, using random: inout Philox) -> BlurKernel {
    let range = variances(scale).lowerBound..<variances(scale).upperBound
    let lambda1 = random.uniform(in: range)
    let lambda2 = random.uniform(in: range)
    let theta = random.uniform(in: 0..<Double.pi)
    return gaussian(scale: scale, Shape(lambda1: lambda1, lambda2: lambda2, theta: theta))
  }

  /// What the flow sees of a kernel: values divided by the largest that there is, noise added, as logits.
  /// - Parameter noise: in [0, 1), for each value.
  func logits(of kernel: BlurKernel, noise: () -> Double) -> [Double] {
    kernel.values.map { value in
      let share = max(value, 0) / ceiling + noise() * Self.dequantisation
      let inside = Self.alpha + (1 - 2 * Self.alpha) * share
      return Elementary.logarithm(inside / (1 - inside))
    }
  }

  /// The latent vector of a kernel, the noise taken at its mean.
  package func latent(of kernel: BlurKernel) -> [Double] {
    flow.forward(Columns(logits(of: kernel, noise: { 0.5 }))).latent.sample(0)
  }
}

extension KernelFlow {
  /// A kernel and what `latentGradient` needs of the way to it.
  package struct Decoded {
    /// (side, side), positive.
    package let values: [Double]
    fileprivate let pass: CouplingFlow.InversePass
    /// The derivatives of the values by the logits.
    fileprivate let slopes: [Double]
  }

  package func decode(_ latent: [Double]) -> Decoded {
    let pass = flow.inverse(Columns(latent))
    let shares = pass.result.sample(0).map { 1 / (1 + Elementary.exponential(-$0)) }
    let factor = ceiling / (1 - 2 * Self.alpha)
    return Decoded(
      values: shares.map { ($0 - Self.alpha) * factor }, pass: pass,
      slopes: shares.map { $0 * (1 - $0) * factor })
  }

  /// The gradient by the latent vector under one by the kernel's values.
  package func latentGradient(_ decoded: Decoded, _ kernel: [Double]) -> [Double] {
    let logits = zip(kernel, decoded.slopes).map { $0 * $1 }
    return flow.inverseBackward(decoded.pass, Columns(logits)).sample(0)
  }
}
