import Imaging
import Testing

@Suite struct JPEGWritingTests {
  /// 61x47, no multiple of the 16x16 units: waves of every wavelength and colour.
  private static let picture = Picture(
    width: 61, height: 47,
    rgb: (0..<61 * 47).flatMap { index -> [UInt8] in
      let (row, column) = (index / 61, index % 61)
      return [UInt8(column * row % 256), UInt8(4 * column), UInt8((row * row + 3 * column) % 256)]
    })

  /// What JPEG keeps is the closer the higher its quality, and always the same.
  @Test func `higher quality keeps more`() throws {
    let original = Self.picture.rgb8.map(Double.init)
    let errors = try [10, 30, 50, 70, 85, 95, 100].map { quality in
      let stored = try Self.picture.throughJPEG(quality: quality)
      #expect(stored.width == 61 && stored.height == 47 && stored.maximum == 255)
      #expect(try Self.picture.throughJPEG(quality: quality).samples == stored.samples)
      return zip(stored.rgb8, original).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
    }
    #expect(zip(errors, errors.dropFirst()).allSatisfy { $0 > $1 }, "\(errors)")
  }

  /// A flat grey is a single coefficient; quality 100 stores it in steps of one, an eighth of a level.
  @Test func `a flat picture stays as it is`() throws {
    let grey = Picture(width: 20, height: 9, rgb: [UInt8](repeating: 77, count: 540))
    #expect(try grey.throughJPEG(quality: 100).rgb8 == grey.rgb8)
    let deep = Picture(width: 20, height: 9, samples: .bits16([UInt16](repeating: 77 * 257, count: 540)))
    #expect(try deep.throughJPEG(quality: 100).rgb8 == grey.rgb8)
  }

  /// Trainings depend on these bytes. `degrade`'s tests hold them to be the same without vector instructions.
  @Test func `bytes stay what they were`() throws {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a
    for quality in [30, 60, 95] {
      for byte in try Self.picture.encodeJPEG(quality: quality) {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
      }
      for byte in try Self.picture.throughJPEG(quality: quality).rgb8 {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
      }
    }
    #expect(hash == 17_410_343_788_562_488_262)
  }

  @Test func `too long a side is named`() {
    let long = Picture(width: 65_501, height: 1, rgb: [UInt8](repeating: 0, count: 3 * 65_501))
    let error = #expect(throws: PictureError.self) { try long.encodeJPEG(quality: 90, name: "a.png") }
    #expect(
      error?.description.hasPrefix("cannot encode picture 'a.png' as JPEG: ") == true
        && error?.description.contains("65500") == true, "\(error?.description ?? "")")
  }
}
