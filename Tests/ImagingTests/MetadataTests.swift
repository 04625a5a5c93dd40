import CSPNG
import Imaging
import Testing

/// What a file says beside its samples reaches the result.
@Suite struct MetadataTests {
  private static var metadata: PictureMetadata {
    var metadata = PictureMetadata(exif: tiff(value: 6))
    metadata.gamma = 45_455
    metadata.chromaticities = .init(
      white: .init(x: 31_270, y: 32_900), red: .init(x: 64_000, y: 33_000),
      green: .init(x: 30_000, y: 60_000),
      blue: .init(x: 15_000, y: 6_000))
    metadata.renderingIntent = 1
    metadata.codePoints = .init(primaries: 9, transfer: 16, matrix: 0, isFullRange: true)
    metadata.density = PixelDensity(x: 300, y: 150, unit: .inch)
    return metadata
  }

  private static func picture(_ metadata: PictureMetadata) -> Picture {
    Picture(
      width: 6, height: 4, samples: .bits8(pseudoRandomBytes(72)), orientation: 6, metadata: metadata)
  }

  @Test func `PNG carries all of it`() throws {
    var expected = Self.metadata
    let read = try Picture.decode(Self.picture(expected).encodePNG(), name: "x")
    expected.density = PixelDensity(x: 11_811, y: 5_906, unit: .metre)
    #expect(read.metadata == expected, "\(read.metadata) \(expected)")
    #expect(read.orientation == 6)
    expected.iccProfile = pseudoRandomBytes(100)
    expected.renderingIntent = nil
    #expect(try Picture.decode(Self.picture(expected).encodePNG(), name: "x").metadata == expected)
    // The same again: nothing is worn down on the way.
    let again = try Picture.decode(read.encodePNG(), name: "x")
    #expect(again.metadata == read.metadata)
  }

  /// Found by `Fuzz/run jpeg` and `tiff`: such a picture could be read and enlarged, but not saved.
  @Test func `metadata that PNG cannot hold cost the picture nothing`() throws {
    var broken = PictureMetadata(exif: [0x49, 0x49, 42, 1] + tiff(value: 6).dropFirst(4))
    broken.gamma = 0
    broken.renderingIntent = 9
    broken.density = PixelDensity(x: 1 << 31, y: .max, unit: .metre)
    let point = PictureMetadata.Chromaticities.Point(x: .max, y: .max)
    broken.chromaticities = PictureMetadata.Chromaticities(
      white: point, red: point, green: point, blue: point)
    broken.codePoints = PictureMetadata.CodePoints(primaries: 9, transfer: 16, matrix: 0, isFullRange: true)
    let picture = Self.picture(broken)
    let read = try Picture.decode(picture.encodePNG(), name: "x")
    #expect(read.samples == picture.samples)
    var kept = PictureMetadata()
    kept.codePoints = broken.codePoints
    #expect(read.metadata == kept)
    for format in PictureFormat.allCases {
      #expect(throws: Never.self) { try Picture.decode(picture.encode(as: format), name: "x") }
    }
  }

  @Test func `enlarging keeps it, and turning resets the orientation`() throws {
    let picture = Self.picture(Self.metadata)
    #expect(picture.bicubic(scale: 2).metadata == Self.metadata)
    #expect(picture.cropped(toMultipleOf: 4).metadata == Self.metadata)
    let upright = picture.bicubic(scale: 2).upright()
    #expect(upright.metadata.exif == tiff(value: 1) && upright.orientation == nil)
    let read = try Picture.decode(upright.encodePNG(), name: "x")
    #expect(read.orientation == 1 && read.metadata.gamma == 45_455)
  }

  @Test func `EXIF data of both byte orders are reset, and broken ones left`() {
    let big: [UInt8] = [
      0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0,
    ]
    var expected = big
    expected[19] = 1
    func reset(_ exif: [UInt8]) -> [UInt8]? {
      Picture(
        width: 1, height: 1, samples: .bits8([1, 2, 3]), orientation: 8, metadata: PictureMetadata(exif: exif)
      ).upright().metadata.exif
    }
    #expect(reset(big) == expected)
    for length in 0..<20 { #expect(reset(Array(big.prefix(length))) == Array(big.prefix(length))) }
    var far = big
    far[4] = 0x7F
    #expect(reset(far) == far)
  }

  @Test func `JPEG carries profile, EXIF data and density`() throws {
    var metadata = Self.metadata
    metadata.iccProfile = pseudoRandomBytes(150_000, seed: 6)
    let read = try Picture.decode(Self.picture(metadata).encode(as: .jpeg), name: "x")
    #expect(read.iccProfile == metadata.iccProfile && read.metadata.exif == metadata.exif)
    #expect(read.metadata.density == PixelDensity(x: 300, y: 150, unit: .inch) && read.orientation == 6)
    metadata.density = PixelDensity(x: 2_000, y: 1_000, unit: .metre)
    let metric = try Picture.decode(Self.picture(metadata).encode(as: .jpeg), name: "x")
    #expect(metric.metadata.density == PixelDensity(x: 51, y: 25, unit: .inch))
    metadata.exif = [UInt8](repeating: 1, count: 70_000)
    #expect(try Picture.decode(Self.picture(metadata).encode(as: .jpeg), name: "x").metadata.exif == nil)
  }

  @Test func `WebP carries profile and EXIF data`() throws {
    var metadata = PictureMetadata(iccProfile: pseudoRandomBytes(3_001), exif: tiff(value: 8))
    let read = try Picture.decode(Self.picture(metadata).encode(as: .webp, .init(quality: 80)), name: "x")
    #expect(read.metadata == metadata && read.orientation == 8)
    metadata.exif = nil
    #expect(try Picture.decode(Self.picture(metadata).encode(as: .webp), name: "x").metadata == metadata)
  }

  /// A text that inflates to 24 MB, and chunks that nobody knows.
  @Test func `text of any size does not matter`() throws {
    let text = [UInt8](repeating: 97, count: 24 << 20)
    let image = pseudoRandomBytes(60)
    var png = try PNGFixture(exif: tiff(value: 3), text: text).encoded(image)
    // An unknown ancillary chunk with a wrong checksum, behind IHDR.
    png.insert(contentsOf: [0, 0, 0, 2] + Array("prVt".utf8) + [1, 2, 9, 9, 9, 9], at: 33)
    let read = try Picture.decode(png, name: "x")
    #expect(bytes(read) == image && read.orientation == 3 && read.notes.isEmpty)
  }

  @Test func `formats are known by name and extension`() {
    #expect(PictureFormat(name: "JPG") == .jpeg && PictureFormat(name: "gif") == nil)
    #expect(PictureFormat(fileName: "a/b.c/x.WebP") == .webp && PictureFormat(fileName: "a/b/png") == nil)
    #expect(PictureFormat(fileName: "\u{10F7E9}.jpeg") == .jpeg)
    #expect(PictureFormat.allCases.map(\.fileExtension) == ["png", "jpg", "webp"])
  }

  @Test func `a side that a format cannot hold is named`() {
    let long = Picture(width: 16_384, height: 1, rgb: [UInt8](repeating: 0, count: 3 * 16_384))
    let error = #expect(throws: PictureError.self) { try long.encode(as: .webp, name: "a") }
    #expect(error?.description == "cannot encode picture 'a' as WebP: a side may have 16383 pixels at most")
  }

  @Test func `depth is converted as asked`() throws {
    let deep = Picture(width: 1, height: 1, samples: .bits16([0, 128, 65_535]))
    let shallow = try Picture.decode(deep.encode(as: .png, .init(isDeep: false)), name: "x")
    #expect(bytes(shallow) == [0, 0, 255])
    let back = try Picture.decode(shallow.encode(as: .png, .init(isDeep: true)), name: "x")
    #expect(words(back) == [0, 0, 65_535])
  }
}
