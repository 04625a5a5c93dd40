import BlurKernels
import Checkpoints
import Estimation
import Imaging
import Networks
import Numerics
import Support
import Testing

@Suite("Estimation")
struct EstimatorTests {
  static func picture(_ width: Int, _ height: Int) -> Picture {
    var random = Philox(key: 1)
    return Picture(
      width: width, height: height, rgb: DeadLeaves.draw(width: width, height: height, using: &random))
  }

  @Test func `zero steps give the start's kernel`() throws {
    var settings = EstimationSettings.paper
    settings.steps = 0
    let start = NetworkState(.paper, freshFrom: 3)
    let estimate = try Estimator(settings).estimate(Self.picture(80, 70), from: start, seed: 0)
    let step = try AdaptationStep(.paper)
    step.prepare(start)
    #expect(estimate.kernel.values == step.kernel.map(Double.init))
    #expect(estimate.losses.isEmpty)
  }

  /// Rates fall by ten before the 51st and again before the 201st update, the generator's alone.
  @Test func `rate schedule`() {
    let settings = EstimationSettings.paper
    let rates = [0, 49, 50, 199, 200, 300].map { settings.settings(ofUpdate: $0) }
    #expect(rates.map(\.generatorRate) == [0.01, 0.01, 0.001, 0.001, 0.0001, 0.0001])
    #expect(rates.allSatisfy { $0.discriminatorRate == 0.2 })
  }

  /// A picture and the same picture repeated have, under the border that wraps each patch, the same patches to offer; a
  /// too small one is repeated before anything else.
  @Test func `small pictures are repeated`() throws {
    var settings = EstimationSettings.paper
    settings.steps = 3
    let start = NetworkState(.paper, freshFrom: 3)
    let small = Self.picture(32, 16)
    let one = try Estimator(settings).estimate(small, from: start, seed: 0)
    let other = try Estimator(settings).estimate(small.padded(toAtLeast: 64), from: start, seed: 0)
    #expect(one.kernel == other.kernel)
  }

  @Test func `divergence is an error not a kernel`() throws {
    var settings = EstimationSettings.paper
    settings.step.generatorRate = 1e20
    settings.steps = 30
    #expect(throws: EstimationError.diverged(steps: 30)) {
      try Estimator(settings).estimate(
        Self.picture(80, 80), from: NetworkState(.paper, freshFrom: 3), seed: 0)
    }
    #expect("\(EstimationError.diverged(steps: 30))".contains("lower --generator-rate"))
  }

  /// Averaging is over exactly the last steps.
  @Test func `averaged kernel`() throws {
    var settings = EstimationSettings.paper
    settings.averagedSteps = 2
    settings.steps = 4
    let start = NetworkState(.paper, freshFrom: 3)
    let picture = Self.picture(90, 90)
    let averaged = try Estimator(settings).estimate(picture, from: start, seed: 0).kernel
    settings.averagedSteps = 0
    let last = try Estimator(settings).estimate(picture, from: start, seed: 0).kernel
    settings.steps = 3
    let before = try Estimator(settings).estimate(picture, from: start, seed: 0).kernel
    #expect(averaged.values == zip(last.values, before.values).map { ($0 + $1) / 2 })
  }

  @Test func `checkpoints round trip`() throws {
    let folder = try TemporaryFolder()
    let state = NetworkState(.paper, freshFrom: 4)
    let path = folder.file("a.safetensors").path
    try state.write(to: path, metadata: ["seed": "4"])
    let read = try Checkpoint(path: path, for: .paper)
    #expect(read.state(.paper).values == state.values)
    #expect(read.metadata == ["seed": "4"])
  }
}
