import Comparison
import Estimation
import Foundation
import Support
import Testing

/// The rows of the paper's tables that depend on no estimate: if these are right, so are pictures, metrics, kernel
/// convention and enlarging.
@Suite(.tags(.slow), .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
struct BenchmarkQualityTests {
  /// Tolerances as the paper's own rounding and Pillow's versions leave them: 0.02 dB, 0.0005.
  @Test func `bounds hold on Set14`() throws {
    let folder = try TemporaryFolder()
    let weights = SharedData.reference("usrnet_tiny.safetensors").path
    let evaluation = Evaluation(
      version: "test", benches: [try Bench(folder: SharedData.set14("x2_clean").path, noises: [.paper])],
      methods: [],
      runs: 1, enlarging: .init(name: "USRNet-tiny", weights: weights, sha256: "0"), crops: folder.url.path)
    let ledger = try Ledger(path: folder.file("measurements.jsonl").path)
    #expect(try evaluation.run(ledger, jobs: 2, measure: { $0.run(report: $1) }) == [])
    for (row, expected) in [("bicubic", (24.82, 0.6910)), ("true kernel, noise 0", (32.56, 0.8944))] {
      let scores = evaluation.scores(in: ledger).filter { $0.method == row }
      #expect(scores.count == 14)
      let psnr = try #require(Statistics.mean(scores.compactMap(\.imagePSNR)))
      let ssim = try #require(Statistics.mean(scores.compactMap(\.imageSSIM)))
      #expect(abs(psnr - expected.0) <= 0.02, "\(row): \(psnr) dB")
      #expect(abs(ssim - expected.1) <= 0.0005, "\(row): \(ssim)")
    }
  }
}
