import CSPNG
import CTurboJPEG
import Foundation
import Imaging
import Support
import Testing

/// Whatever the bytes are: a picture or one clear line, never a crash.
@Suite struct DamagedPictureTests {
  @Test func `files that cannot be opened are named with their cause`() throws {
    let folder = try TemporaryFolder()
    let missing = folder.file("none.png").path
    #expect(
      message { try Picture.read(missing) }
        == "cannot read picture '\(missing)': No such file or directory; check the path")
    let here = folder.url.path
    #expect(
      message { try Picture.read(here) } == "cannot read picture '\(here)': it is a folder; name a file in it"
    )
    #expect(
      message { try Picture.read("/dev/null") }
        == "cannot read picture '/dev/null': it is not an ordinary file")
    let empty = folder.file("empty.png")
    try Data().write(to: empty)
    #expect(
      message { try Picture.read(empty.path) } == "cannot read picture '\(empty.path)': the file is empty")
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func `a file without permission is named`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("secret.png").path
    try Data([1]).write(to: folder.file("secret.png"))
    chmod(path, 0)
    #expect(message { try Picture.read(path) } == "cannot read picture '\(path)': Permission denied")
  }

  @Test func `what is no picture is refused`() {
    let expected =
      "cannot read picture 'x': it is neither PNG, JPEG, TIFF, WebP, AVIF, HEIC, BMP nor GIF; convert it to PNG"
    #expect(message { try Picture.decode(Array("hello".utf8), name: "x") } == expected)
    #expect(message { try Picture.decode([0x89], name: "x") } == expected)
    #expect(message { try Picture.decode([0xFF, 0xD8], name: "x") } == expected)
  }

  @Test func `huge dimensions are refused from the header`() throws {
    var png = try PNGFixture().encoded(pseudoRandomBytes(60))
    patch(&png, at: 16, with: [0, 0, 0x7F, 0xFF, 0, 0, 0x7F, 0xFF])  // IHDR's CRC is judged later
    #expect(
      message { try Picture.decode(png, name: "x") }
        == "cannot read picture 'x': 32767x32767 is more than 100 megapixels; crop it")
    var jpeg = try JPEGFixture.encoded(pseudoRandomBytes(192), width: 8, height: 8)
    let frame = try #require(jpeg.indices.dropLast().first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
    patch(&jpeg, at: frame + 5, with: [0xFF, 0xDC, 0xFF, 0xDC])
    #expect(
      message { try Picture.decode(jpeg, name: "x") }
        == "cannot read picture 'x': 65500x65500 is more than 100 megapixels; crop it")
  }

  @Test func `a profile that inflates without end is left`() throws {
    let bomb = [UInt8](repeating: 0, count: 40 << 20)
    let png = try PNGFixture(profile: bomb).encoded(pseudoRandomBytes(60))
    let text = message { try Picture.decode(png, name: "x") }
    #expect(text.hasPrefix("cannot read picture 'x': damaged PNG ("))
  }

  @Test(arguments: Sample.allCases) func `every truncation is an error`(sample: Sample) throws {
    let file = try sample.file()
    // A PNG's last four bytes are the checksum of an empty chunk; nothing is lost with them.
    for length in 0...(file.count - (sample.isPNG ? 5 : 1)) {
      let error = #expect(throws: PictureError.self, "\(length) of \(file.count) bytes") {
        try Picture.decode(Array(file.prefix(length)), name: "x")
      }
      #expect(error?.description.contains("\n") == false)
    }
    #expect(throws: Never.self) { try Picture.decode(file, name: "x") }
  }

  @Test(arguments: Sample.allCases) func `flipped bytes never crash`(sample: Sample) throws {
    let file = try sample.file()
    let noise = pseudoRandomBytes(8 * file.count, seed: 11)
    for (round, byte) in noise.enumerated() {
      var broken = file
      broken[round % file.count] ^= byte
      // A second flip far away, so that lengths and data disagree.
      if round % 3 == 0 { broken[round * 7 % file.count] = byte }
      do throws(PictureError) { _ = try Picture.decode(broken, name: "x") } catch {
        #expect(error.description.hasPrefix("cannot read picture 'x': "))
      }
    }
  }

  @Test func `truncation is called by its name`() throws {
    let png = try Sample.png.file()
    #expect(
      message { try Picture.decode(Array(png.dropLast(20)), name: "x") }
        == "cannot read picture 'x': damaged PNG (the file is cut short); fetch or export it again")
    let jpeg = try Sample.baseline.file()
    #expect(
      message { try Picture.decode(Array(jpeg.dropLast(20)), name: "x") }
        == "cannot read picture 'x': damaged JPEG (Premature end of JPEG file); fetch or export it again")
  }

  private func message(_ body: () throws -> Picture) -> String {
    do {
      _ = try body()
      return "no error"
    } catch { return "\(error)" }
  }

  private func patch(_ file: inout [UInt8], at offset: Int, with bytes: [UInt8]) {
    file.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
  }
}

/// Small files that hold a bit of everything.
enum Sample: CaseIterable {
  case png, interlaced, palette, baseline, progressive

  var isPNG: Bool { self == .png || self == .interlaced || self == .palette }

  func file() throws -> [UInt8] {
    switch self {
    case .png:
      try PNGFixture(colour: SPNG_COLOR_TYPE_TRUECOLOR_ALPHA, exif: tiff(value: 6), profile: [1, 2, 3, 4])
        .encoded(pseudoRandomBytes(80))
    case .interlaced: try PNGFixture(bitDepth: 16, isInterlaced: true).encoded(pseudoRandomBytes(120))
    case .palette:
      try PNGFixture(
        bitDepth: 2, colour: SPNG_COLOR_TYPE_INDEXED, palette: [(1, 2, 3), (4, 5, 6), (7, 8, 9)],
        paletteAlpha: [255, 0]
      ).encoded([0x12, 0, 0x21, 0, 0x11, 0, 0x10, 0])
    case .baseline: try jpeg(flags: 0)
    case .progressive: try jpeg(flags: TJFLAG_PROGRESSIVE)
    }
  }

  private func jpeg(flags: Int32) throws -> [UInt8] {
    let plain = try JPEGFixture.encoded(
      pseudoRandomBytes(3 * 192), width: 16, height: 12, subsampling: TJSAMP_420, flags: flags)
    return JPEGFixture.inserting(0xE1, Array("Exif\0\0".utf8) + tiff(value: 5), in: plain)
  }
}
