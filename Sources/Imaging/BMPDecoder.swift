/// Decodes an uncompressed BMP. Written here, since the libraries that read BMP (GDK-Pixbuf, Imlib2, libgd) bring dozens of
/// others along, and the format is a table of rows. Run-length coded files are refused by name.
final class BMPDecoder: PictureDecoder {
  static let format = "BMP"

  /// Sizes of the header that follows the file's own: OS/2 1.x, Windows 3 and its successors.
  static let headerSizes = [12, 40, 52, 56, 64, 108, 124]

  private let source: UnsafeBufferPointer<UInt8>
  private let name: String
  private let width, height: Int
  private let isTopDown: Bool
  private let bits: Int
  private let dataStart, rowBytes: Int
  private let pixels: Pixels

  /// What a pixel's bits are.
  private enum Pixels {
    /// (red, green, blue) of each index.
    case palette([(UInt8, UInt8, UInt8)])
    /// Red, green, blue and alpha; a mask of 0 for no alpha.
    case masks([UInt32])
  }

  init(_ source: UnsafeBufferPointer<UInt8>, name: String) throws(PictureError) {
    func damaged(_ reason: String) -> PictureError {
      .damaged(name: name, format: Self.format, reason: reason)
    }
    let fields = Fields(source: source)
    guard let start = fields.word(10), let headerSize = fields.word(14), source.count >= 14 + headerSize
    else {
      throw damaged("the file is cut short")
    }
    let isOld = headerSize == 12
    let signedHeight = isOld ? fields.half(20) : fields.signed(22)
    width = (isOld ? fields.half(18) : fields.signed(18)) ?? 0
    guard let signedHeight, signedHeight != Int(Int32.min) else { throw damaged("the file is cut short") }
    (height, isTopDown) = (abs(signedHeight), signedHeight < 0)
    bits = fields.half(isOld ? 24 : 28) ?? 0
    let compression = isOld ? 0 : fields.word(30) ?? 0
    if [1, 2].contains(compression) {
      throw .foreign(name: name, what: "a run-length coded BMP", advice: "convert it to PNG")
    }
    guard [1, 4, 8, 16, 24, 32].contains(bits), [0, 3, 6].contains(compression) else {
      throw damaged("\(bits) bits a pixel with compression \(compression) are not known")
    }
    (self.source, self.name, dataStart) = (source, name, start)
    rowBytes = (bits * max(width, 0) + 31) / 32 * 4
    pixels =
      bits <= 8
      ? .palette(fields.palette(headerSize: headerSize, bits: bits))
      : .masks(fields.masks(headerSize: headerSize, bits: bits, isGiven: compression != 0))
  }

  private var hasAlpha: Bool { if case .masks(let masks) = pixels { masks[3] != 0 } else { false } }

  var layout: PictureLayout {
    PictureLayout(size: PictureSize(width: width, height: height), hasAlpha: hasAlpha)
  }

  func picture(check: () throws(PictureError) -> Void) throws(PictureError) -> Picture {
    let (needed, overflow) = rowBytes.multipliedReportingOverflow(by: height)
    guard !overflow, dataStart <= source.count, needed <= source.count - dataStart else {
      throw .damaged(name: name, format: Self.format, reason: "the file is cut short")
    }
    var rows = PictureRows<UInt8>(width: width, height: height)
    for index in 0..<height {
      try check()
      let line = line(from: dataStart + index * rowBytes)
      line.withUnsafeBufferPointer {
        rows.store(
          $0, row: isTopDown ? index : height - 1 - index, columns: stride(from: 0, to: width, by: 1),
          hasAlpha: hasAlpha)
      }
    }
    let transparency = rows.transparency { .bits8($0) }
    var metadata = PictureMetadata()
    let fields = Fields(source: source)
    if fields.word(14) != 12, let x = fields.signed(38), let y = fields.signed(42), x > 0, y > 0 {
      metadata.density = PixelDensity(x: UInt32(x), y: UInt32(y), unit: .metre)
    }
    return Picture(
      width: width, height: height, samples: .bits8(rows.samples), transparency: transparency,
      metadata: metadata, notes: transparency == nil ? [] : [Picture.laidOnWhiteNote])
  }

  /// Red, green, blue and alpha of a row.
  private func line(from start: Int) -> [UInt8] {
    var line = [UInt8](repeating: 255, count: 4 * width)
    switch pixels {
    case .palette(let colours):
      for column in 0..<width {
        let bit = column * bits
        let index = Int(source[start + bit / 8]) >> (8 - bits - bit % 8) & (1 << bits - 1)
        let colour = index < colours.count ? colours[index] : (0, 0, 0)
        (line[4 * column], line[4 * column + 1], line[4 * column + 2]) = colour
      }
    case .masks(let masks):
      let bytes = bits / 8
      for column in 0..<width {
        let first = start + column * bytes
        let value = (0..<bytes).reduce(UInt32(0)) { $0 | UInt32(source[first + $1]) << (8 * $1) }
        for channel in 0..<4 where masks[channel] != 0 {
          line[4 * column + channel] = Self.scaled(value, masks[channel])
        }
      }
    }
    return line
  }

  /// The bits under a mask, brought to 0...255.
  private static func scaled(_ value: UInt32, _ mask: UInt32) -> UInt8 {
    let shift = UInt32(mask.trailingZeroBitCount)
    let most = UInt64(mask >> shift)
    return UInt8(clamping: (UInt64((value & mask) >> shift) * 255 + most / 2) / most)
  }

  /// Little-endian numbers of the headers.
  private struct Fields {
    let source: UnsafeBufferPointer<UInt8>

    func word(_ offset: Int) -> Int? {
      guard offset + 4 <= source.count else { return nil }
      return (0..<4).reduce(0) { $0 | Int(source[offset + $1]) << (8 * $1) }
    }

    func signed(_ offset: Int) -> Int? { word(offset).map { Int(Int32(truncatingIfNeeded: $0)) } }

    func half(_ offset: Int) -> Int? {
      guard offset + 2 <= source.count else { return nil }
      return Int(source[offset]) | Int(source[offset + 1]) << 8
    }

    /// Entries of three bytes behind OS/2's header, of four behind others: blue, green, red.
    func palette(headerSize: Int, bits: Int) -> [(UInt8, UInt8, UInt8)] {
      let used = headerSize == 12 ? 0 : word(46) ?? 0
      let count = used == 0 ? 1 << bits : min(used, 1 << bits)
      let (start, step) = (14 + headerSize, headerSize == 12 ? 3 : 4)
      return (0..<count).compactMap { index in
        let entry = start + step * index
        guard entry + 3 <= source.count else { return nil }
        return (source[entry + 2], source[entry + 1], source[entry])
      }
    }

    /// Behind a header of 40 bytes, or in a longer one, at the same place.
    func masks(headerSize: Int, bits: Int, isGiven: Bool) -> [UInt32] {
      guard isGiven, bits != 24 else {
        return bits == 16 ? [0x7C00, 0x3E0, 0x1F, 0] : [0xFF_0000, 0xFF00, 0xFF, 0]
      }
      let hasAlpha = headerSize >= 56
      return (0..<4).map { $0 < 3 || hasAlpha ? UInt32(word(54 + 4 * $0) ?? 0) : 0 }
    }
  }
}
