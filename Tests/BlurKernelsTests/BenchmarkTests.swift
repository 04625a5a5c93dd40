import BlurKernels
import Foundation
import Imaging
import Support
import Testing

@Suite("The published benchmark", .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
struct BenchmarkTests {
  /// Every noise-free LR picture of Set14 is its HR picture degraded by its kernel file, byte for byte.
  @Test(arguments: [("x2_clean", 2), ("x2_noise_ker", 2), ("x4_clean", 4)])
  func `pictures are reproduced`(folder: String, scale: Int) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: SharedData.set14("HR").path)
    #expect(names.count == 14)
    for name in names {
      let high = try Picture.read(SharedData.set14("HR/\(name)").path)
      let low = try Picture.read(SharedData.set14("\(folder)/LR/\(name)").path)
      let file = SharedData.set14("\(folder)/kernel/\(name.replacing(".png", with: ".mat"))").path
      let made = try BlurKernel.read(file).degrade(high, scale: scale)
      #expect(made.samples == low.samples, "\(name)")
    }
  }
}
