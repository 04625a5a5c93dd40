import CTurboJPEG
import Imaging
import Support
import Testing

/// Reading, changing and writing pictures ends at whichever look says so, and looks more often the larger the picture is.
@Suite struct CancellationTests {
  /// Picture files of a width and height.
  enum File: CaseIterable {
    case png, jpeg, progressive, tiff, bmp, gif, webp, avif

    /// Nil where the system's library cannot write it.
    func bytes(_ width: Int, _ height: Int) throws -> [UInt8]? {
      let picture = drawnPicture(width: width, height: height)
      let pixels = ImagingTests.bytes(picture)
      switch self {
      case .png: return try picture.encodePNG()
      case .jpeg: return try picture.encodeJPEG(quality: 90)
      case .progressive:
        return try JPEGFixture.encoded(pixels, width: width, height: height, flags: TJFLAG_PROGRESSIVE)
      case .tiff: return FormatFixture.tiff(pixels, width: width, height: height)
      case .bmp: return FormatFixture.bmp(pixels, width: width, height: height, bits: 24)
      case .gif:
        let indices = (0..<width * height).map { UInt8($0 % 4) }
        return FormatFixture.gif(
          indices, width: width, height: height, palette: [UInt8](repeating: 9, count: 12))
      case .webp: return try picture.encode(as: .webp)
      case .avif:
        let rgba = (0..<width * height).flatMap { pixels[3 * $0..<3 * $0 + 3] + [255] }
        return FormatFixture.heif(rgba, width: width, height: height, isAVIF: true)
      }
    }
  }

  @Test(arguments: File.allCases) func `decoding ends at every look`(file: File) throws {
    func looks(_ width: Int, _ height: Int) throws -> Int? {
      guard let bytes = try file.bytes(width, height) else { return nil }
      return try endAtEveryLook(throwing: PictureError.cancelled) { look in
        _ = try Picture.decode(bytes, name: "x", check: look)
      }
    }
    guard let small = try looks(16, 12), let large = try looks(32, 52) else { return }
    #expect(small >= 12 && large >= 2 * small, "\(small), \(large)")
  }

  private static let formats: [(PictureFormat, Int?)] = [
    (.png, nil), (.jpeg, nil), (.webp, 80), (.webp, nil),
  ]

  @Test(arguments: formats)
  func `encoding ends at every look`(format: PictureFormat, quality: Int?) throws {
    for orientation in [nil, 6] {
      let picture = Picture(
        width: 40, height: 24, samples: drawnPicture(width: 40, height: 24).samples, orientation: orientation,
        iccProfile: [1, 2, 3, 4])
      let looks = try endAtEveryLook(throwing: PictureError.cancelled) { look in
        _ = try picture.encode(as: format, EncodingOptions(quality: quality), check: look)
      }
      #expect(looks >= (format == .png ? picture.height : 2), "\(looks)")
    }
  }

  /// A check that throws nothing changes nothing.
  @Test func `bytes are the same whether anybody looks or not`() throws {
    let picture = drawnPicture(width: 37, height: 23)
    for format in PictureFormat.allCases {
      #expect(try picture.encode(as: format) == picture.encode(as: format, check: {}))
    }
    #expect(picture.bicubic(scale: 3).samples == picture.bicubic(scale: 3, check: {}).samples)
  }

  @Test func `enlarging, turning and mapping end at every look`() throws {
    func looks(_ width: Int, _ height: Int) throws -> [Int] {
      let picture = Picture(
        width: width, height: height, samples: drawnPicture(width: width, height: height).samples,
        orientation: 6)
      return [
        try endAtEveryLook(throwing: PictureError.cancelled) { look in
          _ = try picture.bicubic(scale: 2, check: look)
        },
        try endAtEveryLook(throwing: PictureError.cancelled) { look in _ = try picture.upright(check: look) },
        try endAtEveryLook(throwing: PictureError.cancelled) { look in
          _ = try ProbabilityMap(of: picture, cropSize: 16, check: look)
        },
      ]
    }
    for (small, large) in zip(try looks(20, 18), try looks(60, 54)) {
      #expect(small >= 18 && large >= 2 * small, "\(small), \(large)")
    }
  }
}
