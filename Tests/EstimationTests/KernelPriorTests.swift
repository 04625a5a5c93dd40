import BlurKernels
import Estimation
import Layers
import Numerics
import Testing

/// Kernels of each prior, drawn towards a given one by the gradient of the squared difference.
@Suite("Kernel priors")
struct KernelPriorTests {
  static func difference(_ kernel: FloatBuffer, _ target: BlurKernel) -> FloatBuffer {
    let result = FloatBuffer(kernel.count)
    for i in 0..<kernel.count { result.pointer[i] = kernel.pointer[i] - Float(target.values[i]) }
    return result
  }

  /// The kernel after so many updates.
  static func descended(_ prior: any KernelPrior, towards target: BlurKernel, steps: Int) -> BlurKernel {
    for _ in 0..<steps { prior.descend(along: difference(prior.kernel(), target)) }
    return BlurKernel(side: target.side, values: prior.kernel().array.map(Double.init))
  }

  static func gaussian(_ covariance: BlurKernel.Covariance, side: Int, scale: Int) -> BlurKernel {
    let centre = Double(side - scale) / 2
    return BlurKernel.gaussian(side: side, centre: (centre, centre), covariance: covariance).normalised()
  }

  /// A Gaussian of any variances and direction is found exactly.
  @Test(arguments: [(3.0, 0.5, 0.4), (0.6, 4.0, -0.7), (2.0, 2.0, 0.0)], [2, 4])
  func `three parameters find a Gaussian`(_ form: (xx: Double, yy: Double, xy: Double), _ scale: Int) throws {
    let side = scale == 2 ? 11 : 21
    let target = Self.gaussian(
      BlurKernel.Covariance(xx: form.xx, xy: form.xy, yy: form.yy), side: side, scale: scale)
    let prior = GaussianKernel(side: side, scale: scale, weight: 0, in: try Workspace())
    let start = BlurKernel(side: side, values: prior.kernel().array.map(Double.init))
    let found = Self.descended(prior, towards: target, steps: 1500)
    #expect(try found.psnr(against: target) > max(start.psnr(against: target), 60))
  }

  /// Both free priors come near any kernel; they are positive and sum to 1 on the way.
  @Test(arguments: [11, 21])
  func `free values find any kernel`(_ side: Int) throws {
    let workspace = try Workspace()
    let target = Self.gaussian(
      BlurKernel.Covariance(xx: 3, xy: 0.4, yy: 1), side: side, scale: side == 11 ? 2 : 4)
    let priors: [any KernelPrior] = try [
      SoftmaxKernel(side: side, key: 1, in: workspace), DenseKernel(side: side, key: 1, in: workspace),
    ]
    for prior in priors {
      let start = BlurKernel(side: side, values: prior.kernel().array.map(Double.init))
      let found = Self.descended(prior, towards: target, steps: 400)
      #expect(try found.psnr(against: target) > start.psnr(against: target) + 6)
      #expect(found.values.allSatisfy { $0 >= 0 } && abs(found.sum - 1) < 1e-5)
    }
  }
}
