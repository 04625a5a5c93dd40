import CTurboJPEG
import Foundation
import Imaging
import Platform
import Support
import Testing

@Suite struct BandWritingTests {
  private static let (width, height) = (37, 53)

  /// Depth, grey and alpha in all combinations, with metadata.
  private static func pictures() throws -> [Picture] {
    let drawn = drawnPicture(width: width, height: height)
    var metadata = PictureMetadata(iccProfile: [1, 2, 3], exif: tiff(value: 1))
    metadata.density = PixelDensity(x: 300, y: 200, unit: .inch)
    return [(false, false), (false, true), (true, false), (true, true)].flatMap { isGrey, hasAlpha in
      [false, true].map { isDeep in
        var samples = drawn.rgb8
        if isGrey { samples = samples.indices.map { samples[$0 / 3 * 3] } }
        let alpha = (0..<width * height).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let picture = Picture(
          width: width, height: height, samples: .bits8(samples), isGrey: isGrey,
          transparency: hasAlpha ? Transparency(laidOnWhite: .bits8(samples), alpha: .bits8(alpha)) : nil,
          metadata: metadata)
        return picture.converted(toDeep: isDeep)
      }
    }
  }

  private static func rows(_ range: Range<Int>, of picture: Picture) -> Picture {
    func part(_ samples: Picture.Samples, _ channels: Int) -> Picture.Samples {
      let places = channels * width * range.lowerBound..<channels * width * range.upperBound
      return switch samples {
      case .bits8(let samples): .bits8(Array(samples[places]))
      case .bits16(let samples): .bits16(Array(samples[places]))
      }
    }
    return Picture(
      like: picture, width: width, height: range.count, samples: part(picture.samples, 3),
      transparency: picture.transparency?.rearranged(part))
  }

  @Test(arguments: PictureFormat.allCases) func `files of bands are files of the whole`(
    format: PictureFormat
  ) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a").path
    for picture in try Self.pictures() {
      for isDeep in [nil, false, true] as [Bool?] {
        let options = EncodingOptions(isDeep: isDeep)
        let expected = try picture.encode(as: format, options)
        for step in [1, 7, 30, Self.height] {
          let writer = try PictureWriter(path, as: format, options, size: picture.size)
          for top in stride(from: 0, to: Self.height, by: step) {
            try writer.append(Self.rows(top..<min(top + step, Self.height), of: picture))
          }
          try writer.finish()
          try writer.commit()
          #expect(try Array(Data(contentsOf: folder.file("a"))) == expected, "\(format), bands of \(step)")
        }
      }
    }
  }

  /// An encoder that is given up, for an error or because nobody wants the rest, leaves what was there.
  @Test(arguments: PictureFormat.allCases) func `files that are given up leave nothing`(
    format: PictureFormat
  ) throws {
    let folder = try TemporaryFolder()
    try Data([1]).write(to: folder.file("a"))
    let picture = try #require(try Self.pictures().first)
    var writer: PictureWriter? = try PictureWriter(folder.file("a").path, as: format, size: picture.size)
    try writer?.append(Self.rows(0..<9, of: picture))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 2)
    writer = nil
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["a"])
    #expect(try Data(contentsOf: folder.file("a")) == Data([1]))
  }

  @Test func `a side that a format cannot hold is named before the first row`() throws {
    let folder = try TemporaryFolder()
    let sizes: [(PictureFormat, PictureSize)] = [
      (.webp, PictureSize(width: 3, height: 16_384)), (.jpeg, PictureSize(width: 65_501, height: 3)),
    ]
    for (format, size) in sizes {
      let error = #expect(throws: PictureError.self) {
        try PictureWriter(folder.file("a").path, as: format, size: size)
      }
      #expect(error?.description.contains("a side may have \(format.longestSide) pixels at most") == true)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
  }

  @Test(.enabled(if: SmallDisk.isPossible, Comment(rawValue: SmallDisk.impossible)))
  func `a full disk is named, and nothing stays on it`() throws {
    let disk = try SmallDisk(size: "256k")
    for format in [PictureFormat.png, .jpeg] {
      let noise = Picture(width: 400, height: 400, rgb: pseudoRandomBytes(3 * 160_000))
      let error = #expect(throws: FileError.self) {
        let writer = try PictureWriter(
          disk.path + "/a", as: format, EncodingOptions(quality: format == .png ? nil : 100), size: noise.size
        )
        try writer.append(noise)
        try writer.finish()
        try writer.commit()
      }
      #expect(error?.description.contains("No space left on device") == true)
      #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).isEmpty)
    }
  }

  /// Our encoder's file is TurboJPEG's, for colours at full and at half resolution and for grey, at sides that are no
  /// multiples of a block.
  @Test(arguments: [(1, 1), (61, 47), (16, 8), (129, 3)])
  func `JPEG is what TurboJPEG makes`(width: Int, height: Int) throws {
    let colours = drawnPicture(width: width, height: height)
    let grey = Picture(
      width: width, height: height,
      samples: .bits8(colours.rgb8.indices.map { colours.rgb8[$0 / 3 * 3] }), isGrey: true)
    for quality in [1, 30, 75, 95, 100] {
      #expect(
        try colours.encode(as: .jpeg, .init(quality: quality))
          == Self.turbo(colours, TJSAMP_444, quality: quality))
      #expect(try colours.encodeJPEG(quality: quality) == Self.turbo(colours, TJSAMP_420, quality: quality))
      #expect(
        try grey.encode(as: .jpeg, .init(quality: quality)) == Self.turbo(grey, TJSAMP_GRAY, quality: quality)
      )
    }
  }

  private static func turbo(_ picture: Picture, _ sampling: TJSAMP, quality: Int) throws -> [UInt8] {
    let handle = try #require(tjInitCompress())
    defer { tjDestroy(handle) }
    var (buffer, count): (UnsafeMutablePointer<UInt8>?, UInt) = (nil, 0)
    defer { tjFree(buffer) }
    let status = tjCompress2(
      handle, picture.rgb8, Int32(picture.width), 0, Int32(picture.height), Int32(TJPF_RGB.rawValue), &buffer,
      &count, Int32(sampling.rawValue), Int32(quality), TJFLAG_ACCURATEDCT)
    #expect(status == 0)
    return [UInt8](UnsafeBufferPointer(start: buffer, count: Int(count)))
  }

  // MARK: parts

  /// Rows and columns in any order, repeated and around the border, are those of the whole.
  @Test(arguments: [1, 2, 3, 4]) func `parts of a plain enlargement are parts of the whole`(scale: Int) throws
  {
    for picture in try Self.pictures() {
      let whole = picture.bicubic(scale: scale)
      for (down, right) in [(0, 0), (3, -5), (-2, 1)] {
        let moved = whole.moved(right: right, down: down)
        let (rows, columns) = (Array(0..<min(9, whole.height)), Array(2..<whole.width))
        func wrapped(_ index: Int, _ side: Int) -> Int { (index % side + side) % side }
        let (y, x) = (
          rows.map { wrapped($0 - down, whole.height) }, columns.map { wrapped($0 - right, whole.width) }
        )
        let samples = picture.bicubicSamples(scale: scale, rows: y, columns: x, check: {})
        #expect(
          samples == Self.picked(moved.samples, rows: rows, columns: columns, width: whole.width, channels: 3)
        )
        let alpha = picture.bicubicAlpha(scale: scale, rows: y, columns: x, check: {})
        #expect(
          alpha
            == moved.alpha.map {
              Self.picked($0, rows: rows, columns: columns, width: whole.width, channels: 1)
            })
      }
    }
  }

  private static func picked(
    _ samples: Picture.Samples, rows: [Int], columns: [Int], width: Int, channels: Int
  ) -> Picture.Samples {
    func picked<Sample>(_ samples: [Sample]) -> [Sample] {
      rows.flatMap { row in
        columns.flatMap { column in
          (0..<channels).map { samples[(row * width + column) * channels + $0] }
        }
      }
    }
    return switch samples {
    case .bits8(let samples): .bits8(picked(samples))
    case .bits16(let samples): .bits16(picked(samples))
    }
  }

  /// Stripes of a picture in its upright order, each upright, are the rows of the upright picture.
  @Test(arguments: [nil, 1, 2, 3, 4, 5, 6, 7, 8] as [Int?])
  func `stripes stand upright in their order`(orientation: Int?) throws {
    for model in try Self.pictures() {
      let picture = Picture(
        width: model.width, height: model.height, samples: model.samples, isGrey: model.isGrey,
        orientation: orientation, transparency: model.transparency)
      let upright = picture.upright()
      let order = picture.uprightOrder
      let side = order.isByColumns ? picture.width : picture.height
      let starts = Array(stride(from: 0, to: side, by: 10))
      var mosaic: PictureMosaic?
      var top = 0
      for start in order.isReversed ? starts.reversed() : starts {
        let range = start..<min(start + 10, side)
        let stripe = Self.stripe(range, byColumns: order.isByColumns, of: picture).upright()
        var whole =
          mosaic.take() ?? PictureMosaic(width: upright.width, height: upright.height, like: stripe)
        whole.place(stripe, top: top, left: 0)
        mosaic = whole
        top += stripe.height
      }
      let result = try #require(mosaic).picture
      #expect(result.samples == upright.samples && result.transparency == upright.transparency)
      #expect(result.orientation == upright.orientation && result.metadata == upright.metadata)
    }
  }

  private static func stripe(_ range: Range<Int>, byColumns: Bool, of picture: Picture) -> Picture {
    if !byColumns { return rows(range, of: picture) }
    func part(_ samples: Picture.Samples, _ channels: Int) -> Picture.Samples {
      picked(samples, rows: Array(0..<height), columns: Array(range), width: width, channels: channels)
    }
    return Picture(
      like: picture, width: range.count, height: height, samples: part(picture.samples, 3),
      transparency: picture.transparency?.rearranged(part))
  }
}
