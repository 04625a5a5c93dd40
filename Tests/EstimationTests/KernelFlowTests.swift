import BlurKernels
import Checkpoints
import Estimation
import Numerics
import Support
import Testing

/// FKP's prior of kernels: its data, its training, its files.
@Suite("The kernel flow")
struct KernelFlowTests {
  static func trained(seed: UInt64 = 0, updates: Int = 3) -> FlowTraining {
    var training = FlowTraining(FlowTraining.Settings(scale: 2, epochs: 1, seed: seed))
    for _ in 0..<updates { _ = training.advance() }
    return training
  }

  /// What is learnt from at scale 2 is what the paper draws.
  @Test func `kernels of scale 2`() {
    let own = KernelFlow.gaussian(scale: 2, KernelFlow.Shape(lambda1: 0.7, lambda2: 3, theta: 1.1))
    #expect(own == BlurKernel.anisotropicGaussian(lambda1: 0.7, lambda2: 3, theta: 1.1))
    let four = KernelFlow.gaussian(scale: 4, KernelFlow.Shape(lambda1: 0.7, lambda2: 10, theta: 1))
    #expect(four.side == 19 && abs(four.centreOfMass.x - 7.5) < 0.05 && abs(four.sum - 1) < 1e-12)
  }

  @Test func `equal seeds equal bytes`() throws {
    let bytes = try SafeTensors(tensors: Self.trained().model.tensors()).encoded()
    #expect(try SafeTensors(tensors: Self.trained().model.tensors()).encoded() == bytes)
    #expect(try SafeTensors(tensors: Self.trained(seed: 1).model.tensors()).encoded() != bytes)
  }

  /// The likelihood rises at once.
  @Test func `training lowers the loss`() {
    var training = FlowTraining(FlowTraining.Settings(scale: 2, epochs: 1))
    let losses = (0..<60).map { _ in training.advance() }
    #expect(losses[50...].reduce(0, +) / 10 < losses[..<10].reduce(0, +) / 10)
    #expect(training.updates == 60 && !training.isDone)
  }

  /// A kernel's latent vector decodes to the kernel, up to the noise that the flow sees.
  @Test func `kernels round trip`() {
    let model = Self.trained(updates: 20).model
    let kernel = BlurKernel.anisotropicGaussian(lambda1: 1, lambda2: 4, theta: 0.5)
    let back = model.decode(model.latent(of: kernel)).values
    for (a, b) in zip(back, kernel.values) { #expect(abs(a - max(b, 0)) < 0.5 / 720 * 0.25) }
  }

  /// The gradient by the latent vector against central differences.
  @Test func `latent gradient`() {
    let model = Self.trained(updates: 20).model
    var random = Philox(key: 3)
    let latent = (0..<121).map { _ in random.uniform(in: -2..<2) }
    let weights = (0..<121).map { _ in random.uniform(in: -1..<1) }
    func value(_ latent: [Double]) -> Double {
      zip(model.decode(latent).values, weights).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let gradient = model.latentGradient(model.decode(latent), weights)
    let largest = gradient.map(abs).max() ?? 0
    for i in latent.indices {
      var (up, down) = (latent, latent)
      up[i] += 1e-5
      down[i] -= 1e-5
      #expect(abs(gradient[i] - (value(up) - value(down)) / 2e-5) < 1e-6 * max(largest, 1e-3))
    }
  }

  /// The kernel of scale 4 is the analytic one, which has only to be moved by next to nothing, and its gradient is right.
  @Test func `kernels of scale 4`() throws {
    let model = Self.trained(updates: 0).model
    let kernel = BlurKernel.anisotropicGaussian(lambda1: 1, lambda2: 2, theta: 0.5)
    let wide = BlurKernel(side: 21, values: model.appliedTwice(kernel.values))
    #expect(try wide.psnr(against: kernel.x4()) > 60)
    var random = Philox(key: 4)
    let weights = (0..<441).map { _ in random.uniform(in: -1..<1) }
    func value(_ kernel: [Double]) -> Double {
      zip(model.appliedTwice(kernel), weights).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let gradient = model.appliedTwiceBackward(kernel.values, weights)
    for i in stride(from: 0, to: 121, by: 7) {
      var (up, down) = (kernel.values, kernel.values)
      up[i] += 1e-5
      down[i] -= 1e-5
      #expect(abs(gradient[i] - (value(up) - value(down)) / 2e-5) < 1e-8)
    }
  }

  /// A file holds what was trained; the one of another scale is refused.
  @Test func files() throws {
    let folder = try TemporaryFolder()
    let model = Self.trained().model
    let path = folder.url.appending(path: "flow.safetensors").path
    try SafeTensors(tensors: model.tensors()).write(to: path)
    let read = try KernelFlow(path: path, scale: 2)
    #expect(read.tensors() == model.tensors())
    #expect(throws: CheckpointError.self) { try KernelFlow(path: path, scale: 4) }
  }

  /// The shipped prior stands for kernels that it did not see.
  @Test func `the shipped prior fits drawn kernels`() throws {
    let path = try #require(ShippedWeights.path(.flow))
    let model = try KernelFlow(path: path, scale: 2)
    #expect(try model.fitPSNR(count: 4, steps: 150) > 45)
  }
}
