import Layers
import Numerics

/// The prior of DIP-FKP: FKP's flow decodes the kernel from a latent vector on the sphere.
///
/// The kernel of scale 4 is the one that equals degrading twice by the decoded kernel of scale 2.
final class FlowKernel: KernelPrior {
  private let flow: KernelFlow
  private var latent: SphericalLatent
  private var decoded: KernelFlow.Decoded
  /// 11 at scale 2, 21 at scale 4.
  private let side: Int

  private static let rate = 0.5

  /// - Parameters:
  ///   - flow: a flow of scale 2.
  ///   - side: the kernel's: 11 or 21.
  ///   - key: of the initial latent vector.
  init(_ flow: KernelFlow, side: Int, key: UInt64) throws(NumericsError) {
    (self.flow, self.side) = (flow, side)
    latent = try SphericalLatent(flow, key: Philox.key(key, .initialisation, 1))
    decoded = flow.decode(latent.values)
  }

  func kernel() -> FloatBuffer {
    decoded = flow.decode(latent.values)
    let values = side == flow.side ? decoded.values : flow.appliedTwice(decoded.values)
    let result = FloatBuffer(values.count)
    result.load(values.map(Float.init))
    return result
  }

  func descend(along gradient: FloatBuffer) {
    let slopes = gradient.array.map(Double.init)
    let own = side == flow.side ? slopes : flow.appliedTwiceBackward(decoded.values, slopes)
    latent.step(flow.latentGradient(decoded, own), rate: Self.rate)
  }
}
