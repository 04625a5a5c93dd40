import Degradation
import Foundation
import Imaging
import Support
import Testing

@Suite("The published benchmark", .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
struct BenchmarkTests {
  /// Every clean LR picture of Set14 is its HR picture, cropped to a multiple of the scale, degraded by its kernel file,
  /// clipped and truncated to 8 bits: within one level, since truncation decides ties by the last bit.
  @Test(arguments: [("x2_clean", 2), ("x4_clean", 4)])
  func cleanPicturesAreReproduced(folder: String, scale: Int) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: SharedData.set14("HR").path)
    #expect(names.count == 14)
    for name in names {
      let high = try Picture.read(SharedData.set14("HR/\(name)").path)
      let low = try Picture.read(SharedData.set14("\(folder)/LR/\(name)").path)
      let file = SharedData.set14("\(folder)/kernel/\(name.replacing(".png", with: ".mat"))").path
      let kernel = try BlurKernel.read(file)
      let (width, height) = (high.width / scale * scale, high.height / scale * scale)
      var planes = [Float](repeating: 0, count: 3 * width * height)
      planes.withUnsafeMutableBufferPointer {
        guard let base = $0.baseAddress else { return }
        high.patch(top: 0, left: 0, height: height, width: width, into: base)
      }
      let degraded = try kernel.degrade(planes, width: width, height: height, scale: scale)
      #expect(largestLevelDifference(degraded, low) <= 1, "\(name)")
    }
  }

  private func largestLevelDifference(_ planes: [Float], _ picture: Picture) -> Int {
    let area = picture.width * picture.height
    guard planes.count == 3 * area else { return .max }
    return planes.indices.reduce(0) { worst, index in
      let (channel, pixel) = (index / area, index % area)
      let level = Int(min(max(planes[index], 0), 1) * 255)
      let stored = Int((picture[pixel / picture.width, pixel % picture.width, channel] * 255).rounded())
      return max(worst, abs(level - stored))
    }
  }
}
