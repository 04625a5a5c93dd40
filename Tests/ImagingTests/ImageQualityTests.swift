import Checkpoints
import Foundation
import Imaging
import Support
import Testing

@Suite struct ImageQualityTests {
  private let drawn = drawnPicture(width: 17, height: 14)

  /// The drawn picture, darker and with a ramp.
  private var changed: Picture {
    let samples = bytes(drawn).enumerated().map { index, value in
      UInt8(min(Int(value) * 7 / 8 + index / 3 % 17, 255))
    }
    return Picture(width: 17, height: 14, rgb: samples)
  }

  /// The same two pictures by NumPy and SciPy, in double precision.
  @Test func `a computation with SciPy gives the same`() throws {
    let quality = try ImageQuality(of: changed, against: drawn, border: 1)
    #expect(abs(quality.psnr - 25.80936915095048) < 1e-9)
    #expect(abs(quality.ssim - 0.9878204563055368) < 1e-9)
    #expect(try ImageQuality(of: drawn, against: changed, border: 1) == quality)
  }

  @Test func `equal pictures are as close as can be`() throws {
    let quality = try ImageQuality(of: drawn, against: drawn, border: 0)
    #expect(quality.psnr == .infinity && abs(quality.ssim - 1) < 1e-12)
  }

  @Test func `what lies in the border does not count`() throws {
    var samples = bytes(drawn)
    for index in 0..<3 * 17 { samples[index] = 255 - samples[index] }
    let framed = Picture(width: 17, height: 14, rgb: samples)
    #expect(try ImageQuality(of: framed, against: drawn, border: 0).psnr < 30)
    #expect(try ImageQuality(of: framed, against: drawn, border: 1).psnr == .infinity)
  }

  @Test func `16 bits are rounded to 8`() throws {
    let words = bytes(drawn).enumerated().map { index, value in
      UInt16(clamping: Int(value) * 257 + (index % 257) - 128)
    }
    let deep = Picture(width: 17, height: 14, samples: .bits16(words))
    #expect(deep.rgb8 == bytes(drawn))
    #expect(try ImageQuality(of: deep, against: drawn, border: 0).psnr == .infinity)
  }

  @Test func `unequal and tiny pictures are refused in one sentence`() {
    let other = drawnPicture(width: 16, height: 14)
    #expect(
      throws: PictureError.differentSizes(width: 16, height: 14, otherWidth: 17, otherHeight: 14)
    ) { try ImageQuality(of: other, against: drawn, border: 0) }
    #expect(throws: PictureError.tooSmall(width: 17, height: 14, least: 15)) {
      try ImageQuality(of: drawn, against: drawn, border: 2)
    }
    let texts = [
      PictureError.differentSizes(width: 16, height: 14, otherWidth: 17, otherHeight: 15),
      .tooSmall(width: 17, height: 14, least: 15),
    ].map(\.description)
    #expect(
      texts == [
        "cannot compare a picture of 16x14 pixels with one of 17x15: crop both to one size",
        "cannot compare pictures of 17x14 pixels: with this border, 15x15 are needed at least",
      ])
  }

  /// Scores that the authors' tools gave their own results.
  @Test(
    .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)),
    arguments: [("x2_clean", 2), ("x2_noise_img", 2), ("x4_clean", 4)])
  func `the reference's scores come out`(folder: String, scale: Int) throws {
    let golden = try SafeTensors(path: SharedData.reference("usrnet_golden.safetensors").path)
    let shape = try golden.tensor("\(folder).sr").shape
    let planes = try golden.floats("\(folder).sr")
    let area = shape[1] * shape[2]
    let rgb = planes.indices.map { index in
      UInt8((min(max(planes[index % 3 * area + index / 3], 0), 1) * 255).rounded(.toNearestOrEven))
    }
    let picture = Picture(width: shape[2], height: shape[1], rgb: rgb)
    let truth = try Picture.read(SharedData.set14("HR/comic.png").path).cropped(toMultipleOf: scale)
    let quality = try ImageQuality(of: picture, against: truth, border: scale)
    let expected = try golden.doubles("\(folder).psnr_ssim")
    // The file holds float32: half a unit in its last place is 1e-6 of 29 and 3e-8 of 0.9.
    #expect(abs(quality.psnr - expected[0]) < 2e-6 && abs(quality.ssim - expected[1]) < 1e-7)
  }
}
