import Foundation
import Imaging
import Support
import Testing

/// TIFF, BMP, GIF, HEIC and AVIF keep what is stored; WebP is in `TransparencyTests` and `MetadataTests`.
@Suite struct OtherFormatsTests {
  private let image = pseudoRandomBytes(3 * 7 * 5)

  private func decode(_ file: [UInt8]) throws -> Picture { try Picture.decode(file, name: "x") }

  @Test func `TIFF of 8 and 16 bits comes out as stored`() throws {
    let picture = try decode(FormatFixture.tiff(image, width: 7, height: 5, orientation: 6))
    #expect(bytes(picture) == image && picture.orientation == 6 && picture.notes.isEmpty)
    #expect(picture.metadata.density == PixelDensity(x: 300, y: 300, unit: .inch))
    let deep = (0..<105).map { UInt16($0 * 601) }
    let stored = deep.withUnsafeBytes { Array($0) }
    #expect(try words(decode(FormatFixture.tiff(stored, width: 7, height: 5, bits: 16))) == deep)
  }

  @Test func `grey TIFF of either sense`() throws {
    let grey = Array(image.prefix(35))
    let black = try decode(FormatFixture.tiff(grey, width: 7, height: 5, samples: 1, photometric: 1))
    let white = try decode(FormatFixture.tiff(grey, width: 7, height: 5, samples: 1, photometric: 0))
    #expect(bytes(black) == tripled(grey) && black.isGrey)
    #expect(bytes(white) == tripled(grey.map { 255 - $0 }) && white.isGrey)
  }

  @Test(arguments: [1, 2]) func `TIFF's alpha of either kind`(extra: Int) throws {
    let pixels: [UInt8] = [200, 100, 0, 255, 60, 30, 0, 102, 0, 0, 0, 0]
    let file = FormatFixture.tiff(pixels, width: 3, height: 1, samples: 4, extra: extra)
    let picture = try decode(file)
    #expect(picture.alpha == .bits8([255, 102, 0]))
    guard case .bits8(let colours)? = picture.transparency?.colours else { return }
    #expect(Array(colours[0..<3]) == [200, 100, 0])
    #expect(Array(colours[3..<6]) == (extra == 1 ? [150, 75, 0] : [60, 30, 0]))
    #expect(Array(bytes(picture)[6..<9]) == [255, 255, 255])
  }

  @Test func `CMYK TIFF is converted`() throws {
    let file = FormatFixture.tiff(
      [0, 0, 0, 0, 255, 0, 0, 0], width: 2, height: 1, samples: 4, photometric: 5)
    #expect(try bytes(decode(file)) == [255, 255, 255, 0, 255, 255])
  }

  @Test func `BMP of every depth`() throws {
    // Two rows of two pixels, the lower first: blue, green; red, white.
    let rows: [UInt8] = [255, 0, 0, 0, 255, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0]
    let expected: [UInt8] = [255, 0, 0, 255, 255, 255, 0, 0, 255, 0, 255, 0]
    let plain = try decode(FormatFixture.bmp(rows, width: 2, height: 2, bits: 24))
    #expect(bytes(plain) == expected && plain.alpha == nil)
    #expect(plain.metadata.density == PixelDensity(x: 2835, y: 2835, unit: .metre))
    let flipped = try decode(FormatFixture.bmp(rows, width: 2, height: -2, bits: 24))
    #expect(bytes(flipped) == Array(expected[6...] + expected[..<6]))
    let palette: [UInt8] = [255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0, 255, 255, 255, 0]
    for (bits, packed) in [(8, [0, 1, 0, 0, 2, 3, 0, 0]), (4, [0x01, 0, 0, 0, 0x23, 0, 0, 0])]
      as [(Int, [UInt8])]
    {
      let indexed = FormatFixture.bmp(packed, width: 2, height: 2, bits: bits, palette: palette)
      #expect(try bytes(decode(indexed)) == expected)
    }
    let one = FormatFixture.bmp(
      [0x40, 0, 0, 0], width: 2, height: 1, bits: 1, palette: Array(palette[0..<4] + palette[12..<16]))
    #expect(try bytes(decode(one)) == [0, 0, 255, 255, 255, 255])
    let short = FormatFixture.bmp(
      [0x00, 0xF8, 0xE0, 0x07], width: 2, height: 1, bits: 16, masks: [0xF800, 0x7E0, 0x1F])
    #expect(try bytes(decode(short)) == [255, 0, 0, 0, 255, 0])
    let alpha = FormatFixture.bmp(
      [1, 2, 3, 128], width: 1, height: 1, bits: 32, masks: [0xFF_0000, 0xFF00, 0xFF, 0xFF00_0000],
      headerSize: 56)
    let translucent = try decode(alpha)
    #expect(translucent.transparency?.colours == .bits8([3, 2, 1]) && translucent.alpha == .bits8([128]))
  }

  @Test(arguments: [false, true]) func `GIF's first frame`(isInterlaced: Bool) throws {
    let palette: [UInt8] = [1, 2, 3, 50, 60, 70, 100, 110, 120, 250, 240, 230]
    let indices = (0..<30).map { UInt8($0 * 7 / 3 % 4) }
    var order = Array(0..<6)
    if isInterlaced { order = [0, 4, 2, 1, 3, 5] }
    let stored = order.flatMap { indices[5 * $0..<5 * $0 + 5] }
    let file = FormatFixture.gif(stored, width: 5, height: 6, palette: palette, isInterlaced: isInterlaced)
    let expected = indices.flatMap { palette[3 * Int($0)..<3 * Int($0) + 3] }
    let picture = try decode(file)
    #expect(bytes(picture) == expected && picture.notes.isEmpty)
    let holes = try decode(
      FormatFixture.gif(
        stored, width: 5, height: 6, palette: palette, transparent: 2, isInterlaced: isInterlaced))
    #expect(holes.alpha == .bits8(indices.map { $0 == 2 ? 0 : 255 }))
    let part = try decode(
      FormatFixture.gif([3], width: 1, height: 1, palette: palette, screen: (3, 2), left: 1, top: 1))
    #expect(part.alpha == .bits8([0, 0, 0, 0, 255, 0]))
    #expect(part.width == 3)
  }

  @Test(arguments: [false, true]) func `HEIC and AVIF come close to what was encoded`(isAVIF: Bool) throws {
    let (width, height) = (64, 48)
    let rgba = (0..<width * height).flatMap { pixel -> [UInt8] in
      let (x, y) = (pixel % width, pixel / width)
      return [UInt8(2 * x), UInt8(3 * y), UInt8(100 + x), x < 32 ? 255 : 128]
    }
    // Debian's library has an encoder of both.
    guard let file = FormatFixture.heif(rgba, width: width, height: height, isAVIF: isAVIF) else { return }
    let picture = try decode(file)
    #expect(picture.width == width && picture.height == height && picture.maximum == 255)
    guard case .bits8(let colours)? = picture.transparency?.colours, case .bits8(let alpha)? = picture.alpha
    else {
      Issue.record("no alpha")
      return
    }
    // Chroma is stored at half the resolution.
    let errors = (0..<width * height).flatMap { pixel in
      (0..<3).map { abs(Int(colours[3 * pixel + $0]) - Int(rgba[4 * pixel + $0])) }
    }
    #expect(Double(errors.reduce(0, +)) / Double(errors.count) < 4)
    #expect(abs(Int(alpha[10]) - 255) <= 8 && abs(Int(alpha[50]) - 128) <= 8)
    #expect(throws: PictureError.self) { try decode(Array(file.prefix(file.count / 2))) }
  }

  /// Every format's file, cut and flipped: an error or a picture, never a crash.
  @Test func `damaged files never crash`() throws {
    let palette = [UInt8](repeating: 9, count: 12)
    let files = [
      FormatFixture.tiff(image, width: 7, height: 5),
      FormatFixture.tiff(Array(image.prefix(80)), width: 5, height: 4, samples: 4, photometric: 5),
      FormatFixture.bmp([UInt8](repeating: 1, count: 120), width: 7, height: 5, bits: 24),
      FormatFixture.gif((0..<30).map { UInt8($0 % 4) }, width: 5, height: 6, palette: palette),
      try Picture(width: 7, height: 5, rgb: image).encode(as: .webp),
      try Picture(width: 7, height: 5, rgb: image).encode(as: .webp, .init(quality: 50)),
    ]
    for file in files {
      #expect(throws: Never.self) { try decode(file) }
      for length in 1..<file.count { _ = try? decode(Array(file.prefix(length))) }
      for (round, byte) in pseudoRandomBytes(6 * file.count, seed: 21).enumerated() {
        var broken = file
        broken[round % file.count] ^= byte
        if round % 3 == 0 { broken[round * 7 % file.count] = byte }
        do throws(PictureError) { _ = try Picture.decode(broken, name: "x") } catch {
          #expect(error.description.hasPrefix("cannot read picture 'x': "))
        }
      }
    }
  }

  @Test func `huge sizes are refused from the header`() throws {
    let files = [
      FormatFixture.tiff([1, 2, 3], width: 60_000, height: 60_000),
      FormatFixture.bmp([0, 0, 0, 0], width: 2_000_000_000, height: 2_000_000_000, bits: 24),
      FormatFixture.gif([0], width: 65_535, height: 65_535, palette: [UInt8](repeating: 0, count: 12)),
    ]
    for file in files {
      let error = #expect(throws: PictureError.self) { try decode(file) }
      #expect(error?.description.contains("megapixels") == true, "\(error?.description ?? "")")
    }
  }

  /// What people hand over by mistake is called by its name, with what to do.
  @Test(arguments: [
    ("version https://git-lfs.github.com/spec/v1\noid sha256:12\n", "git lfs pull"),
    ("\n <!DOCTYPE html><html>", "an HTML page"), ("<html><body>", "an HTML page"),
    ("<?xml version=\"1.0\"?>\n<svg width=\"1\">", "SVG"), ("%PDF-1.7", "PDF"), ("PK\u{3}\u{4}....", "zip"),
    ("8BPS....", "Photoshop"), ("\0\0\0\u{18}ftypisom", "film"),
  ]) func `strangers are named`(content: String, word: String) {
    let error = #expect(throws: PictureError.self) { try decode(Array(content.utf8)) }
    #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
    if case .foreign? = error {} else { Issue.record("not told as a stranger: \(String(describing: error))") }
  }
}

/// Names of any bytes, pipes.
@Suite struct PictureSourceTests {
  private let png = try? Picture(width: 2, height: 1, rgb: [1, 2, 3, 4, 5, 6]).encodePNG()

  @Test func `a name that is not UTF-8 is read and written`() throws {
    let folder = try TemporaryFolder()
    // "é.png" in Latin-1, as Platform's names spell it.
    let path = folder.url.path + "/\u{10F7E9}.png"
    try Picture(width: 1, height: 1, rgb: [7, 8, 9]).writePNG(path)
    #expect(try bytes(Picture.read(path)) == [7, 8, 9])
    let missing = folder.url.path + "/\u{10F7E9}.jpg"
    let error = #expect(throws: PictureError.self) { try Picture.read(missing) }
    #expect(error?.description.contains("/\\xE9.jpg': No such file or directory; check the path") == true)
  }

  @Test func `a pipe is read where that is asked for, and refused elsewhere`() async throws {
    let folder = try TemporaryFolder()
    let path = folder.file("pipe").path
    #expect(mkfifo(path, 0o600) == 0)
    #expect(throws: PictureError.unreadable(name: path, reason: "it is not an ordinary file")) {
      try Picture.read(path)
    }
    let content = try #require(png)
    let writer = Thread {
      guard let file = fopen(path, "w") else { return }
      // In two parts, so that the reader waits in between.
      fwrite(content, 1, 20, file)
      fflush(file)
      content.withUnsafeBytes { _ = fwrite($0.baseAddress?.advanced(by: 20), 1, content.count - 20, file) }
      fclose(file)
    }
    writer.start()
    #expect(try bytes(Picture.read(path, pipes: true)) == [1, 2, 3, 4, 5, 6])
  }
}
