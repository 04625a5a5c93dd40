import BlurKernels
import Estimation
import Imaging
import Numerics
import Support
import Testing

@Suite("KernelGAN-FKP")
struct KernelGANFKPMethodTests {
  func estimate(
    _ steps: Int, _ picture: Picture = EstimatorTests.picture(90, 80), scale: Int = 2, seed: UInt64 = 0,
    recording: [Int] = []
  ) throws -> Estimate {
    var options = MethodOptions()
    options.steps = steps
    return try KernelGANFKPMethod(options).estimate(
      picture, scale: scale, seed: seed, recording: recording, onStep: { _ in })
  }

  /// Equal arguments, equal kernels; another seed, another kernel; and what is recorded on the way is what fewer steps
  /// would have given.
  @Test func `same arguments same kernel`() throws {
    let whole = try estimate(2, recording: [0, 1, 2])
    #expect(try estimate(2).kernel == whole.kernel)
    #expect(try estimate(2, seed: 1).kernel != whole.kernel)
    #expect(try whole.recorded[1] == estimate(1).kernel && whole.recorded[0] == estimate(0).kernel)
    #expect(whole.recorded[2] == whole.kernel && whole.losses.count == 2)
    #expect(whole.start?.path == ShippedWeights.path(.flow))
  }

  /// The usual sides, and pictures smaller than a crop.
  @Test func `kernels are as other methods give them`() throws {
    let kernel = try estimate(0).kernel
    #expect(kernel.side == 11 && abs(kernel.sum - 1) < 0.2 && kernel.values.allSatisfy { $0 > -1e-6 })
    #expect(try estimate(0, scale: 4).kernel.side == 21)
    #expect(try estimate(1, EstimatorTests.picture(20, 33)).kernel.side == 11)
  }

  /// Nobody waits for more than one iteration once it is cancelled.
  @Test func `stops when asked`() throws {
    var options = MethodOptions()
    options.steps = 1000
    let method = try KernelGANFKPMethod(options)
    var done = 0
    let error = #expect(throws: EstimationError.self) {
      try method.estimate(EstimatorTests.picture(70, 70), scale: 2, seed: 0, recording: []) {
        step throws(EstimationError) in
        done = step
        throw .cancelled
      }
    }
    #expect(error == .cancelled && done == 1)
  }

  @Test func `options it cannot follow`() throws {
    #expect(try KernelGANFKPMethod(MethodOptions()).steps == 1000)
    var options = MethodOptions()
    (options.patches, options.mode) = (2, .best)
    let error = #expect(throws: EstimationError.self) { try KernelGANFKPMethod(options) }
    #expect(
      error?.description
        == "the method kernelgan-fkp has no use for --mode, --patches; leave out what it cannot follow")
  }

  /// Every product is exact, so that all processors give the same kernel (see `MatrixProduct`).
  @Test func `products are exact`() throws {
    _ = try estimate(1)
    let shapes = MatrixProduct.dispatched.filter { $0.m == 32 }
    #expect(!shapes.isEmpty)
    for shape in shapes { #expect(try MatrixProduct.mismatches(shape) == 0, "\(shape)") }
  }
}
