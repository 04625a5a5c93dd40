import BlurKernels
import Checkpoints
import Dispatch
import Estimation
import Foundation
import Imaging
import Support
import Synchronization
import Testing

/// The published weights through paper mode on the paper's benchmark: Set14 x2, five seeds. The authors' code reaches
/// 46.32 dB and 2.31 (single runs 45.6 to 46.9 dB); outside these ranges something differs, also if it looks better.
@Suite("Quality", .tags(.slow), .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
struct QualityTests {
  @Test func `published weights on Set14`() throws {
    let lr = SharedData.set14("x2_clean/LR")
    let names = try FileManager.default.contentsOfDirectory(atPath: lr.path).sorted()
    #expect(names.count == 14)
    let weights = SharedData.reference("official_x2.safetensors").path
    let cases = names.flatMap { name in (0..<5 as Range<UInt64>).map { (name, $0) } }
    let scores = Mutex<[Result<(psnr: Double, distance: Double), any Error>]>([])
    DispatchQueue.concurrentPerform(iterations: cases.count) { index in
      let score = Result { try Self.score(cases[index].0, seed: cases[index].1, weights) }
      scores.withLock { $0.append(score) }
    }
    let values = try scores.withLock { try $0.map { try $0.get() } }
    let psnr = values.reduce(0) { $0 + $1.psnr } / Double(values.count)
    let distance = values.reduce(0) { $0 + $1.distance } / Double(values.count)
    print("Set14 x2, published weights, five seeds: kernel PSNR \(psnr) dB, LK-COV \(distance)")
    #expect((45.8...46.9).contains(psnr))
    #expect((2.1...2.6).contains(distance))
  }

  /// The weights in the repository, as `estimate` uses them: what docs/model-card.md says of them. Measured values are
  /// 63.4 dB and 0.34, 48.5 and 0.53, 58.9 and 0.59 at scale 2, 76.6 and 1.27 at scale 4; the bounds leave room for other
  /// weights as good.
  @Test(arguments: [
    ("x2_clean", 2, 60, 0.42), ("x2_noise_ker", 2, 48, 0.6), ("x2_noise_img", 2, 57, 0.7),
    ("x4_clean", 4, 75.4, 1.45),
  ])
  func `shipped weights on Set14`(bench: String, scale: Int, psnr: Double, distance: Double) throws {
    let method = try MetaKernelGANMethod(MethodOptions())
    let names = try FileManager.default.contentsOfDirectory(atPath: SharedData.set14("\(bench)/LR").path)
      .sorted()
    #expect(names.count == 14 && method.steps == 0)
    var sums = (psnr: 0.0, distance: 0.0)
    for name in names {
      let picture = try Picture.read(SharedData.set14("\(bench)/LR/\(name)").path)
      let mat = name.replacing(".png", with: ".mat")
      let truth = try BlurKernel.read(SharedData.set14("\(bench)/kernel/\(mat)").path)
      let kernel = try method.estimate(picture, scale: scale, seed: 0, recording: []) { _ in }.kernel
      sums.psnr += try kernel.psnr(against: truth)
      sums.distance += kernel.covarianceDistance(to: truth)
    }
    let count = Double(names.count)
    print(
      "Set14 \(bench), shipped weights: kernel PSNR \(sums.psnr / count) dB, LK-COV \(sums.distance / count)")
    #expect(sums.psnr / count > psnr && sums.distance / count < distance)
  }

  static func score(_ name: String, seed: UInt64, _ weights: String) throws -> (
    psnr: Double, distance: Double
  ) {
    let start = try Checkpoint(path: weights, for: .paper).state(.paper)
    let picture = try Picture.read(SharedData.set14("x2_clean/LR/\(name)").path)
    let mat = name.replacing(".png", with: ".mat")
    let truth = try BlurKernel.read(SharedData.set14("x2_clean/kernel/\(mat)").path)
    let kernel = try Estimator(.paper).estimate(picture, from: start, seed: seed).kernel
    return (try kernel.psnr(against: truth), kernel.covarianceDistance(to: truth))
  }
}
