internal import CSPNG

/// Encodes a PNG, grey where the picture is, with its alpha and metadata.
final class PNGEncoder: PictureEncoder {
  private let context: SPNGContext
  private let bytes: EncodedBytes
  private let isGrey: Bool, isDeep: Bool

  /// - Parameter isDeep: 16 bits a sample, or 8; the shape's own depth where nil.
  init(
    _ shape: EncodedShape, isDeep: Bool?, name: String, into bytes: EncodedBytes
  ) throws(PictureError) {
    context = try SPNGContext(.encoding, name: name)
    (self.bytes, isGrey, self.isDeep) = (bytes, shape.isGrey, isDeep ?? shape.isDeep)
    let code = spng_set_png_stream(
      context.pointer,
      { _, user, part, count in
        guard let user else { return Int32(SPNG_IO_ERROR.rawValue) }
        let bytes = Unmanaged<EncodedBytes>.fromOpaque(user).takeUnretainedValue()
        return bytes.take(UnsafeRawBufferPointer(start: part, count: count))
          ? 0 : Int32(SPNG_IO_ERROR.rawValue)
      }, Unmanaged.passUnretained(bytes).toOpaque())
    try context.check(code)
    try setCompression()
    try setHeader(shape)
    try shape.metadata.set(in: context)
    let flags = SPNG_ENCODE_PROGRESSIVE.rawValue | SPNG_ENCODE_FINALIZE.rawValue
    try context.check(spng_encode_image(context.pointer, nil, 0, Int32(SPNG_FMT_PNG.rawValue), Int32(flags)))
  }

  func append(_ band: Picture, check: () throws(PictureError) -> Void) throws(PictureError) {
    let band = band.converted(toDeep: isDeep)
    switch (band.transparency?.colours ?? band.samples, band.alpha) {
    case (.bits8(let samples), nil): try encodeRows(of: band, samples, alpha: nil, check: check)
    case (.bits16(let samples), nil): try encodeRows(of: band, samples, alpha: nil, check: check)
    case (.bits8(let samples), .bits8(let alpha)):
      try encodeRows(of: band, samples, alpha: alpha, check: check)
    case (.bits16(let samples), .bits16(let alpha)):
      try encodeRows(of: band, samples, alpha: alpha, check: check)
    default: preconditionFailure("colours and alpha of one picture have one depth")
    }
  }

  /// libspng ends the file with the last row.
  func finish(check: () throws(PictureError) -> Void) throws(PictureError) { try check() }

  /// Paeth's filter and runs of equal bytes alone: a fifth of the time that zlib's and libspng's defaults take, for 4 to 6 %
  /// larger files (an enlarged photograph, a drawn picture and Set14's ppt3). Longer matches are rare in pictures.
  private func setCompression() throws(PictureError) {
    let runLengths: Int32 = 3  // zlib.h's Z_RLE
    for (option, value) in [
      (SPNG_FILTER_CHOICE, Int32(SPNG_FILTER_CHOICE_PAETH.rawValue)), (SPNG_IMG_COMPRESSION_LEVEL, 1),
      (SPNG_IMG_COMPRESSION_STRATEGY, runLengths),
    ] { try context.check(spng_set_option(context.pointer, option, value)) }
  }

  private func setHeader(_ shape: EncodedShape) throws(PictureError) {
    let type =
      switch (shape.isGrey, shape.hasAlpha) {
      case (true, false): SPNG_COLOR_TYPE_GRAYSCALE
      case (false, false): SPNG_COLOR_TYPE_TRUECOLOR
      case (true, true): SPNG_COLOR_TYPE_GRAYSCALE_ALPHA
      case (false, true): SPNG_COLOR_TYPE_TRUECOLOR_ALPHA
      }
    var header = spng_ihdr(
      width: UInt32(shape.width), height: UInt32(shape.height), bit_depth: isDeep ? 16 : 8,
      color_type: UInt8(type.rawValue), compression_method: 0, filter_method: 0, interlace_method: 0)
    try context.check(spng_set_ihdr(context.pointer, &header))
  }

  private func encodeRows<Sample: FixedWidthInteger>(
    of band: Picture, _ samples: [Sample], alpha: [Sample]?, check: () throws(PictureError) -> Void
  ) throws(PictureError) {
    for row in 0..<band.height {
      try check()
      let line = line(row * band.width..<(row + 1) * band.width, of: samples, alpha)
      try context.checkRow(
        spng_encode_row(context.pointer, line, line.count * MemoryLayout<Sample>.stride))
    }
  }

  /// Grey or red, green and blue of each pixel, then its alpha where there is one.
  private func line<Sample: FixedWidthInteger>(_ pixels: Range<Int>, of samples: [Sample], _ alpha: [Sample]?)
    -> [Sample]
  {
    guard let alpha else {
      if !isGrey { return Array(samples[3 * pixels.lowerBound..<3 * pixels.upperBound]) }
      return stride(from: 3 * pixels.lowerBound, to: 3 * pixels.upperBound, by: 3).map { samples[$0] }
    }
    var line: [Sample] = []
    line.reserveCapacity(4 * pixels.count)
    for pixel in pixels {
      line += samples[3 * pixel..<3 * pixel + (isGrey ? 1 : 3)]
      line.append(alpha[pixel])
    }
    return line
  }
}
