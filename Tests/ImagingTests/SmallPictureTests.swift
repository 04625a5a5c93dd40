import CSPNG
import Imaging
import Testing

/// No size and depth of picture ends the program.
@Suite struct SmallPictureTests {
  static let sides = 1...20

  static func pictures(width: Int, height: Int) -> [Picture] {
    let noise = pseudoRandomBytes(3 * width * height, seed: UInt64(31 * width + height))
    let grey = tripled(Array(noise.prefix(width * height)))
    func deep(_ bytes: [UInt8]) -> Picture.Samples { .bits16(bytes.map { 257 * UInt16($0) }) }
    return [
      Picture(width: width, height: height, rgb: noise),
      Picture(width: width, height: height, samples: deep(noise)),
      Picture(width: width, height: height, samples: .bits8(grey), isGrey: true),
      Picture(width: width, height: height, samples: deep(grey), isGrey: true),
    ]
  }

  @Test(arguments: sides) func `every small picture is looked at`(width: Int) {
    for height in Self.sides {
      for picture in Self.pictures(width: width, height: height) {
        #expect(picture.jpegTrace == nil)
        #expect(picture.noiseLevel() >= 0)
        let padded = picture.padded(toAtLeast: 64)
        #expect(padded.size == picture.size.padded() && padded.size.pixels == picture.size.workedPixels)
        let corner = CropSampler(ProbabilityMap(of: padded)).topLeft(at: 0.5)
        #expect(corner == (0, 0))
      }
    }
  }

  @Test(arguments: sides) func `every small picture is cut, turned and enlarged`(width: Int) {
    for height in Self.sides {
      for picture in Self.pictures(width: width, height: height) {
        for scale in [2, 4] {
          #expect(picture.bicubic(scale: scale).size == picture.size.enlarged(by: scale))
          let cropped = picture.cropped(toMultipleOf: scale)
          #expect(cropped.width <= width && cropped.height <= height)
        }
        for orientation in 1...8 {
          let turned = Picture(
            width: width, height: height, samples: picture.samples, orientation: orientation
          ).upright()
          #expect(turned.width == (orientation < 5 ? width : height))
        }
      }
    }
  }

  @Test(arguments: sides) func `every small picture is written and read`(width: Int) throws {
    for height in Self.sides {
      for picture in Self.pictures(width: width, height: height) {
        let png = try Picture.decode(picture.encode(as: .png), name: "x")
        #expect(png.samples == picture.samples && png.isGrey == picture.isGrey)
        let jpeg = try Picture.decode(picture.encode(as: .jpeg), name: "x")
        #expect(jpeg.size == picture.size && jpeg.isGrey == picture.isGrey)
        let webp = try Picture.decode(picture.encode(as: .webp), name: "x")
        #expect(webp.rgb8 == picture.rgb8)
      }
    }
  }

  /// 25 million pixels in a row are 73 kB of PNG, and 1.6 gigapixels once 64 rows are made of them.
  @Test func `thin pictures count as what is made of them`() throws {
    for (width, height) in [(2_000_000, 1), (1, 2_000_000)] {
      let thin = try PNGFixture(
        width: width, height: height, colour: SPNG_COLOR_TYPE_GRAYSCALE
      ).encoded([UInt8](repeating: 7, count: width * height))
      let error = #expect(throws: PictureError.self) { try Picture.decode(thin, name: "x") }
      #expect(error?.description.contains("which counts as") == true)
      #expect(try Picture.decode(thin, name: "x", atMost: 128_000_000).width == width)
    }
  }

  @Test func `sizes never overflow`() {
    let vast = PictureSize(width: .max / 2, height: 3)
    #expect(vast.pixels == .max && vast.enlarged(by: 4).width == .max && vast.workedPixels == .max)
    #expect(vast.bytes(isDeep: true, hasAlpha: true) == .max)
    #expect(PictureSize(width: 100, height: 50).bytes(isDeep: true, hasAlpha: false) == 30_000)
  }
}
