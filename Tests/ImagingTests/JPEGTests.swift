import CTurboJPEG
import Imaging
import Testing

/// A 24x16 gradient that JPEG reproduces within a few units.
private let smooth: [UInt8] = (0..<(24 * 16)).flatMap { (index: Int) -> [UInt8] in
  let (row, column) = index.quotientAndRemainder(dividingBy: 24)
  return [UInt8(column * 8), UInt8(row * 12), UInt8(100 + column)]
}

@Suite struct JPEGTests {
  @Test(arguments: [0, TJFLAG_PROGRESSIVE])
  func `colour decodes, baseline and progressive`(flags: Int32) throws {
    let picture = try decode(
      JPEGFixture.encoded(smooth, width: 24, height: 16, subsampling: TJSAMP_444, flags: flags))
    // Quality 95 without subsampling quantises to steps of a few units.
    #expect(zip(bytes(picture), smooth).allSatisfy { abs(Int($0) - Int($1)) <= 6 })
    #expect(picture.width == 24 && picture.height == 16 && !picture.isGrey && picture.maximum == 255)
    #expect(picture.orientation == nil && picture.iccProfile == nil && picture.notes.isEmpty)
  }

  @Test func `grey decodes three times`() throws {
    let grey = (0..<384).map { UInt8($0 % 24 * 10) }
    let picture = try decode(
      JPEGFixture.encoded(grey, width: 24, height: 16, format: TJPF_GRAY, subsampling: TJSAMP_GRAY))
    let samples = bytes(picture)
    #expect(
      picture.isGrey && samples == tripled(stride(from: 0, to: samples.count, by: 3).map { samples[$0] }))
    #expect(zip(samples, tripled(grey)).allSatisfy { abs(Int($0) - Int($1)) <= 6 })
  }

  @Test func `RGB JPEG is not taken for YCbCr`() throws {
    let planes = [100, 150, 200].flatMap { [UInt8](repeating: $0, count: 64) }
    let jpeg = try JPEGFixture.encoded(planes: planes, width: 8, height: 8)
    let adobe = Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 0]  // the last byte: no colour transform
    let picture = try decode(JPEGFixture.inserting(0xEE, adobe, in: jpeg, droppingJFIF: true))
    // A flat plane is one coefficient, quantised in steps of an eighth of a few units.
    #expect((0..<3).allSatisfy { abs(Int(bytes(picture)[$0]) - [100, 150, 200][$0]) <= 1 })
  }

  @Test func `subsampling without a name decodes`() throws {
    let grey = [UInt8](repeating: 128, count: 24 * 8 * 3)
    var jpeg = try JPEGFixture.encoded(grey, width: 24, height: 8)
    let frame = try #require(jpeg.indices.dropLast().first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
    jpeg[frame + 11] = 0x31  // Y three times as wide as Cb and Cr
    let scan = try #require(jpeg.indices.dropLast().first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xDA })
    // One unit of five blocks without coefficients: three times 00 1010, twice 00 00, then ones.
    jpeg.replaceSubrange(
      (scan + 14)..., with: [0b0010_1000, 0b1010_0010, 0b1000_0000, 0b0011_1111, 0xFF, 0xD9])
    #expect(try bytes(decode(jpeg)) == grey)
  }

  @Test func `tables without an image are damage`() {
    let error = #expect(throws: PictureError.self) { try decode([0xFF, 0xD8, 0xFF, 0xD9]) }
    #expect(
      error?.description
        == "cannot read picture 'test.jpg': damaged JPEG (it holds no image); fetch or export it again")
  }

  /// Flat inks, so that JPEG keeps them within a level: 255 is no ink beside an Adobe segment, which TurboJPEG writes.
  @Test(arguments: [false, true]) func `CMYK becomes the light that its inks leave`(withoutAdobe: Bool) throws
  {
    let inks: [UInt8] = [200, 150, 100, 250]
    let pixels = [[UInt8]](repeating: inks, count: 64).flatMap { $0 }
    var jpeg = try JPEGFixture.encoded(pixels, width: 8, height: 8, format: TJPF_CMYK)
    if withoutAdobe {
      let marker = try #require(jpeg.indices.dropLast().first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xEE })
      jpeg[marker + 1] = 0xEF  // a segment that nobody reads; the inks are then plain, not YCCK
    }
    let picture = try decode(jpeg)
    #expect(!picture.isGrey && picture.width == 8 && picture.notes.count == 1)
    if !withoutAdobe {
      for (channel, ink) in inks.dropLast().enumerated() {
        #expect(abs(Int(bytes(picture)[channel]) - Int(ink) * 250 / 255) <= 2, "\(bytes(picture).prefix(3))")
      }
    }
  }

  @Test func `orientation and a profile in parts are carried`() throws {
    let profile = pseudoRandomBytes(1000, seed: 9)
    func part(_ number: UInt8, _ bytes: ArraySlice<UInt8>) -> [UInt8] {
      Array("ICC_PROFILE\0".utf8) + [number, 2] + bytes
    }
    var jpeg = try JPEGFixture.encoded(smooth, width: 24, height: 16)
    jpeg = JPEGFixture.inserting(0xE2, part(1, profile[..<600]), in: jpeg)
    #expect(try decode(jpeg).iccProfile == nil)
    jpeg = JPEGFixture.inserting(0xE2, part(2, profile[600...]), in: jpeg)
    jpeg = JPEGFixture.inserting(0xE1, Array("Exif\0\0".utf8) + tiff(value: 8), in: jpeg)
    jpeg = JPEGFixture.inserting(0xE1, Array("http://ns.adobe.com/xap/1.0/\0".utf8), in: jpeg)
    let picture = try decode(jpeg)
    #expect(picture.iccProfile == profile && picture.orientation == 8 && picture.width == 24)
  }

  @Test func `a broken EXIF block costs nothing`() throws {
    let jpeg = try JPEGFixture.encoded(smooth, width: 24, height: 16)
    let broken = JPEGFixture.inserting(0xE1, Array("Exif\0\0II*".utf8) + [9, 9, 9, 9, 9], in: jpeg)
    let picture = try decode(broken)
    #expect(try picture.orientation == nil && picture.samples == decode(jpeg).samples)
  }

  private func decode(_ jpeg: [UInt8]) throws -> Picture { try Picture.decode(jpeg, name: "test.jpg") }
}
