import CSPNG
import Imaging
import Testing

private let alphaNote = ["transparent places count as white"]

/// Every colour type and depth keeps its samples as stored.
@Suite struct PNGTests {
  @Test(arguments: [false, true]) func `RGB comes out as stored`(interlaced: Bool) throws {
    for (width, height) in [(1, 1), (3, 2), (5, 4), (17, 9)] {
      let image = pseudoRandomBytes(3 * width * height)
      let picture = try decode(
        PNGFixture(width: width, height: height, isInterlaced: interlaced), image)
      #expect(bytes(picture) == image)
      #expect(picture.width == width && picture.height == height && picture.maximum == 255)
      #expect(!picture.isGrey && picture.notes.isEmpty)
    }
  }

  @Test(arguments: [1, 2, 4, 8] as [UInt8]) func `grey of few bits is scaled to eight`(depth: UInt8) throws {
    let levels = 1 << Int(depth)
    let values = (0..<20).map { UInt8($0 * 7 % levels) }
    let picture = try decode(
      PNGFixture(bitDepth: depth, colour: SPNG_COLOR_TYPE_GRAYSCALE), packed(values, width: 5, depth: depth))
    #expect(bytes(picture) == tripled(values.map { UInt8(Int($0) * 255 / (levels - 1)) }))
    #expect(picture.isGrey && picture.notes.isEmpty)
  }

  @Test(arguments: [1, 2, 4, 8] as [UInt8], [false, true])
  func `palette entries are looked up`(depth: UInt8, interlaced: Bool) throws {
    let palette = (0...(255 >> (8 - depth))).map { (entry: UInt8) in (entry, 255 - entry, entry / 2) }
    let values = (0..<20).map { UInt8($0 * 3 % palette.count) }
    let picture = try decode(
      PNGFixture(
        bitDepth: depth, colour: SPNG_COLOR_TYPE_INDEXED, isInterlaced: interlaced, palette: palette),
      packed(values, width: 5, depth: depth))
    #expect(
      bytes(picture) == values.flatMap { [palette[Int($0)].0, palette[Int($0)].1, palette[Int($0)].2] })
    #expect(!picture.isGrey && picture.notes.isEmpty)
  }

  @Test func `sixteen bits stay sixteen`() throws {
    let values = (0..<20).map { UInt16($0 * 3000 + 1) }
    let grey = try decode(
      PNGFixture(bitDepth: 16, colour: SPNG_COLOR_TYPE_GRAYSCALE), values.withUnsafeBytes { Array($0) })
    #expect(words(grey) == tripled(values) && grey.maximum == 65535 && grey.isGrey)
    let colours = (0..<60).map { UInt16($0 * 1000 + 3) }
    let colour = try decode(
      PNGFixture(bitDepth: 16, isInterlaced: true), colours.withUnsafeBytes { Array($0) })
    #expect(words(colour) == colours && !colour.isGrey && colour.notes.isEmpty)
    #expect(colour[0, 1, 2] == 5003.0 / 65535)
  }

  @Test func `transparent places are laid on white, with a note`() throws {
    for colour in [SPNG_COLOR_TYPE_TRUECOLOR_ALPHA, SPNG_COLOR_TYPE_GRAYSCALE_ALPHA] {
      let channels = colour == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA ? 4 : 2
      var image = pseudoRandomBytes(20 * channels)
      for pixel in 0..<20 { image[pixel * channels + channels - 1] = 255 }
      let opaque = try decode(PNGFixture(colour: colour), image)
      let stored = image.enumerated().filter { $0.offset % channels < channels - 1 }.map(\.element)
      let colours = channels == 4 ? stored : tripled(stored)
      #expect(bytes(opaque) == colours)
      for (pixel, cover) in [(3, UInt8(0)), (13, 254), (17, 90)] {
        image[pixel * channels + channels - 1] = cover
      }
      let translucent = try decode(PNGFixture(colour: colour), image)
      for (index, value) in bytes(translucent).enumerated() {
        let cover: Double = [3: 0, 13: 254, 17: 90][index / 3] ?? 255
        let expected = (Double(colours[index]) * cover + 255 * (255 - cover)) / 255
        #expect(Double(value) == expected.rounded(), "\(index)")
      }
      #expect(opaque.notes.isEmpty && translucent.notes == alphaNote)
    }
  }

  @Test func `sixteen-bit alpha is judged at sixteen bits`() throws {
    var image = (0..<80).map { UInt16($0) }
    for pixel in 0..<20 { image[pixel * 4 + 3] = 65535 }
    let fixture = PNGFixture(bitDepth: 16, colour: SPNG_COLOR_TYPE_TRUECOLOR_ALPHA)
    #expect(try decode(fixture, image.withUnsafeBytes { Array($0) }).notes.isEmpty)
    image[7] = 65534
    let translucent = try decode(fixture, image.withUnsafeBytes { Array($0) })
    #expect(translucent.notes == alphaNote && words(translucent)[3...5] == [5, 6, 7])
  }

  @Test func `a transparent colour counts as alpha only where it occurs`() throws {
    let grey = [UInt8](0..<20)
    func notes(_ fixture: PNGFixture, _ image: [UInt8]) throws -> [String] {
      let picture = try decode(fixture, image)
      return picture.notes
    }
    let type = SPNG_COLOR_TYPE_GRAYSCALE
    #expect(try notes(PNGFixture(colour: type, transparent: [19]), grey) == alphaNote)
    #expect(try notes(PNGFixture(colour: type, transparent: [20]), grey).isEmpty)
    #expect(try notes(PNGFixture(bitDepth: 1, colour: type, transparent: [1]), [0, 0, 8, 0]) == alphaNote)
    #expect(try notes(PNGFixture(bitDepth: 1, colour: type, transparent: [1]), [0, 0, 0, 0]).isEmpty)
    #expect(try notes(PNGFixture(transparent: [0, 1, 2]), [UInt8](0..<60)) == alphaNote)
    #expect(try notes(PNGFixture(transparent: [0, 1, 3]), [UInt8](0..<60)).isEmpty)
    let indexed = PNGFixture(
      colour: SPNG_COLOR_TYPE_INDEXED, palette: [(1, 2, 3), (4, 5, 6)], paletteAlpha: [255, 128])
    #expect(try notes(indexed, [UInt8](repeating: 0, count: 20)).isEmpty)
    #expect(try notes(indexed, [UInt8](repeating: 1, count: 20)) == alphaNote)
  }

  @Test func `gamma is not applied`() throws {
    let image = pseudoRandomBytes(60)
    #expect(try bytes(decode(PNGFixture(gamma: 0.45455), image)) == image)
    #expect(try bytes(decode(PNGFixture(gamma: 1), image)) == image)
  }

  @Test func `orientation and profile are carried, not applied`() throws {
    let image = pseudoRandomBytes(60)
    let profile = pseudoRandomBytes(3000, seed: 5)
    let picture = try decode(PNGFixture(exif: tiff(value: 6), profile: profile), image)
    #expect(picture.orientation == 6)
    #expect(picture.iccProfile == profile)
    #expect(bytes(picture) == image)
    #expect(picture.width == 5 && picture.height == 4)
  }

  @Test func `a broken EXIF block costs nothing`() throws {
    let good = tiff(value: 3)
    let image = pseudoRandomBytes(60)
    let bad = [tiff(value: 9), tiff(value: 0), tiff(type: 4, value: 3), tiff(tag: 0x0110, value: 3)]
    for block in bad + (4..<good.count - 6).map({ Array(good.prefix($0)) }) {
      let picture = try decode(PNGFixture(exif: block), image)
      #expect(picture.orientation == nil && bytes(picture) == image)
    }
  }

  private func decode(_ fixture: PNGFixture, _ image: [UInt8]) throws -> Picture {
    try Picture.decode(fixture.encoded(image), name: "test.png")
  }

  /// Rows of samples of fewer than eight bits, each row starting at a byte.
  private func packed(_ values: [UInt8], width: Int, depth: UInt8) -> [UInt8] {
    stride(from: 0, to: values.count, by: width).flatMap { start in
      var row = [UInt8](repeating: 0, count: (width * Int(depth) + 7) / 8)
      for column in 0..<width {
        let bit = column * Int(depth)
        row[bit / 8] |= values[start + column] << (8 - Int(depth) - bit % 8)
      }
      return row
    }
  }
}
