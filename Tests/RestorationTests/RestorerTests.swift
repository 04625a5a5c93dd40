import BlurKernels
import Foundation
import Imaging
import Numerics
import Restoration
import SuperResolution
import Support
import Testing

@Suite struct RestorerTests {
  private func drawn(_ width: Int = 96, _ height: Int = 80, key: UInt64 = 3) -> Picture {
    var random = Philox(key: key)
    return Picture(
      width: width, height: height, rgb: DeadLeaves.draw(width: width, height: height, using: &random))
  }

  private let gaussian = BlurKernel.anisotropicGaussian(lambda1: 2, lambda2: 1, theta: 0.4)

  private func given(_ kernel: BlurKernel, scale: Int = 2) throws -> Restorer {
    var options = Restorer.Options()
    options.kernel = GivenKernel(kernel, scale: scale)
    return try Restorer(options)
  }

  /// The kernel that is shown is the kernel that is used: enlarging with it gives the same picture. Without the guard, which
  /// trusts a given kernel more.
  @Test(arguments: [2, 4]) func `the kernel shown is the kernel used`(scale: Int) throws {
    let picture = drawn()
    let restorer = try Restorer()
    var request = Restorer.Request(scale: scale)
    request.fidelity = .off
    let restored = try restorer.restore(picture, request)
    #expect([.predicted, .refined].contains(restored.kernel.source))
    let alone = try restorer.kernel(of: picture, scale: scale)
    #expect(alone.kernel == restored.kernel.kernel)
    request.noise = .level(restored.noise)
    let again = try given(restored.kernel.kernel, scale: scale).restore(picture, request)
    #expect(again.picture.samples == restored.picture.samples)
    #expect(again.kernel.source == .given && again.kernel.isConfident == nil)
  }

  @Test func `steps make a kernel adapted`() throws {
    var options = Restorer.Options()
    options.estimation.steps = 2
    options.enlarges = false
    let restorer = try Restorer(options)
    #expect(try restorer.kernel(of: drawn(), scale: 2).source == .adapted)
    #expect(throws: RestorationError.noEnlarger) { try restorer.restore(drawn(), scale: 2) }
    #expect(throws: RestorationError.kernelScale(3)) { try restorer.kernel(of: drawn(), scale: 3) }
  }

  /// A kernel in other units is the same blur: no darker and no brighter a picture.
  @Test(arguments: [255.0, 7.3, 1e-3]) func `given kernels are divided by their sum`(factor: Double) throws {
    let picture = drawn()
    let expected = try given(gaussian).restore(picture, scale: 2)
    let scaled = BlurKernel(side: gaussian.side, values: gaussian.values.map { factor * $0 })
    let restored = try given(scaled).restore(picture, scale: 2)
    #expect(expected.kernel.notes.isEmpty)
    #expect(restored.kernel.notes.count == 1)
    let differences = zip(restored.picture.rgb8, expected.picture.rgb8).map { abs(Int($0) - Int($1)) }
    #expect(differences.max() ?? 9 <= 1, "rounding alone may differ")
  }

  /// Photographs come out where a plain enlargement puts them, upright; benchmarks on their own grid.
  @Test func `grids and orientation`() throws {
    let truth = drawn(160, 120)
    let low = try gaussian.degrade(truth, scale: 2)
    let restorer = try given(gaussian)
    var request = Restorer.Request(scale: 2)
    request.noise = .level(0)
    let photograph = try restorer.restore(low, request).picture
    let plain = try photograph.displacement(from: low.bicubic(scale: 2))
    #expect(abs(plain.x) < 0.1 && abs(plain.y) < 0.1, "\(plain)")
    request.grid = .benchmark
    let move = try restorer.restore(low, request).picture.displacement(from: truth)
    #expect(abs(move.x) < 0.1 && abs(move.y) < 0.1, "\(move)")
    let turned = Picture(width: low.width, height: low.height, samples: low.samples, orientation: 6)
    let upright = try restorer.restore(turned, request).picture
    #expect(upright.width == 120 && upright.height == 160 && upright.orientation == nil)
  }

  @Test func `noise is the larger of picture and kernel`() {
    #expect(NoiseRule.level(.level(7), measured: 3, kernelNoise: 20) == 7)
    #expect(NoiseRule.level(.estimated, measured: 3, kernelNoise: 20) == 20)
    #expect(NoiseRule.level(.estimated, measured: 3, kernelNoise: 0) == 3)
  }

  /// One answer holds everything, and its pictures are the restored one's.
  @Test func `the answer holds everything`() throws {
    struct Answer: Decodable {
      struct Image: Decodable { let type: String, width: Int, height: Int, base64: Data }
      struct Kernel: Decodable { let kernel: [[Double]], kernelSource: String, checkpoint: [String: String] }
      struct Noise: Decodable { let level: Double, isEstimated: Bool }
      let kernel: Kernel, kernelPicture: Image, kernelNpy: Data, enlarged: Image, bicubic: Image?,
        noise: Noise
      let network: String
    }
    let picture = drawn()
    let restored = try Restorer().restore(picture, scale: 2)
    let text = try RestoreAnswer(restored, of: picture, name: "a.png", isCompared: true).json(pretty: false)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let answer = try decoder.decode(Answer.self, from: Data(text.utf8))
    #expect(answer.kernel.kernelSource == restored.kernel.source.rawValue)
    #expect(answer.kernel.kernel.flatMap { $0 } == restored.kernel.kernel.values)
    #expect(answer.kernel.checkpoint["path"]?.contains("/") == false, "where files lie is nobody's business")
    #expect(answer.kernelNpy == restored.kernel.kernel.npyData())
    #expect(
      try Picture.decode(Array(answer.enlarged.base64), name: "enlarged").samples == restored.picture.samples)
    #expect(answer.enlarged.width == 192 && answer.bicubic?.width == 192)
    #expect(answer.noise.isEstimated && answer.noise.level == restored.noise)
    #expect(answer.network == "enlarger")
  }

  /// The ten lines of the example, as its own program.
  @Test func `the example enlarges`() throws {
    let folder = try TemporaryFolder()
    try drawn().writePNG(folder.file("in.png").path)
    let run = try Program.run(
      [folder.file("in.png").path, folder.file("out.png").path],
      at: URL(filePath: Program.path).deletingLastPathComponent().appending(path: "EnlargePhoto").path)
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.hasPrefix("11x11 kernel, predicted, noise level "))
    #expect(try Picture.read(folder.file("out.png").path).width == 192)
  }
}
