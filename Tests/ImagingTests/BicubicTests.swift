import Foundation
import Imaging
import Support
import Testing

@Suite struct BicubicTests {
  /// Pillow 13.0: `Image.fromarray(drawn(width, height)).resize((scale * width, scale * height), BICUBIC)`.
  private static let pillow: [(width: Int, height: Int, scale: Int, base64: String)] = [
    (
      7, 5, 2,
      "/13A6GnYZIP/L7vrUP9mjeg05UdV/waR/yTmym//MuT/Ov/Q1tRG/74H1GPVt3fcWqDfQsG2dtZcq6tH6Dd67Byw0VTuoJXy"
        + "XNvUbPGmydZq5ctKUHD/T5PiRN99a89Gx15F7Cpw7hfHtEvwSLv/SObHtshQ2MZOrtu2lebXEZ3SK76tZf8/pdIk6CJn+gCo"
        + "8D/ts4/uR+HCUvGGzr5B5b1bnenMfPzwIug/VPQ8v/8t7cpZ1CzE0ibu7bLn7eak174yxbE1nb+wjtrUmP+lnv+KZv8AjvIZ"
        + "3s1W9ZqbzF7lzHL39Nfg/+ug86o40KRIgNXLdejgrdyOxdJo3+wO27dEw0a6vkTp0LnK6t3D/6/a8p3hm6fVdMnCeP+TnOd/"
        + "23+G8U2L9OdZ5baDuEvatVLv38y+8OS735niuY33bL/vX9rKldt0xq1n9E+g/yK5qfTXsOvRvdK41r2y95nC4IzahZb4Xrfj"
        + "Z++Njtdn025t8kGU+UvX+VDuhfr/l//2wP+o5fCV/4HD2WPpW5T/M8raZf9fpNY48Dtq/w6q+0nx9GX/"
    ),
    (
      2, 3, 3,
      "/1y+/2HE03Hdeob9N5b/H53//1/E/2XKxHfado7vO6D/Jqb/wGPdwmvhm4PYZ6PMQLvDMr+8ZWv9aHb/X5bTUsKYSeJsR+Rb"
        + "H37/JYr/N62/TtxqYP8qZv8UF6q2IbK3RMmMc+hSlv8nnP4YKdxTOOBXZ+ZPpu1F1PM91/E7N/8OSv8UgPkmyfA9/+pP/+hV"
        + "Ov8ATv8AiP8W1vI4/+hT/+Zc"
    ),
    (1, 1, 2, "/2XK/2XK/2XK/2XK"),
  ]

  @Test func `every byte is Pillow's`() throws {
    for (width, height, scale, base64) in Self.pillow {
      let enlarged = drawnPicture(width: width, height: height).bicubic(scale: scale)
      #expect(enlarged.width == scale * width && enlarged.height == scale * height)
      #expect(bytes(enlarged) == [UInt8](try #require(Data(base64Encoded: base64))))
    }
  }

  /// A flat picture stays flat, since weights sum to one: within the last of 22 bits, times 65535.
  @Test func `16 bits are enlarged alike, and what belongs to the picture is kept`() {
    let flat = Picture(
      width: 3, height: 2, samples: .bits16([UInt16](repeating: 51234, count: 18)), isGrey: true,
      orientation: 6, iccProfile: [1, 2])
    let enlarged = flat.bicubic(scale: 3)
    #expect(words(enlarged) == [UInt16](repeating: 51234, count: 162))
    #expect(enlarged.isGrey && enlarged.orientation == 6 && enlarged.iccProfile == [1, 2])
  }

  @Test func `a scale of 1 changes nothing`() {
    let picture = drawnPicture(width: 7, height: 5)
    #expect(picture.bicubic(scale: 1).samples == picture.samples)
  }

  /// The paper's first rows, to the 0.02 dB and 0.0005 that is asked for.
  @Test(
    .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)),
    arguments: [
      ("x2_clean", 2, 24.82, 0.6910), ("x2_noise_ker", 2, 24.80, 0.6907), ("x2_noise_img", 2, 24.69, 0.6639),
      ("x4_clean", 4, 21.15, 0.5280),
    ]) func `Set14's means are the paper's`(folder: String, scale: Int, psnr: Double, ssim: Double) throws
  {
    let names = try FileManager.default.contentsOfDirectory(atPath: SharedData.set14("\(folder)/LR").path)
    let qualities = try names.map { name in
      let low = try Picture.read(SharedData.set14("\(folder)/LR/\(name)").path)
      let high = try Picture.read(SharedData.set14("HR/\(name)").path)
      return try ImageQuality(
        of: low.bicubic(scale: scale), against: high.cropped(toMultipleOf: scale), border: scale)
    }
    #expect(qualities.count == 14)
    #expect(abs(qualities.reduce(0) { $0 + $1.psnr } / 14 - psnr) < 0.02)
    #expect(abs(qualities.reduce(0) { $0 + $1.ssim } / 14 - ssim) < 0.0005)
  }
}
