internal import CSPNG

extension PictureMetadata {
  /// Hands an encoder what PNG can hold. The rest, such as a gamma of 0, EXIF data without a TIFF header or a density beyond 31
  /// bits, is left out.
  func set(in context: SPNGContext) throws(PictureError) {
    if let gamma { try context.offer(spng_set_gama_int(context.pointer, gamma)) }
    if var points = chromaticities?.chunk { try context.offer(spng_set_chrm_int(context.pointer, &points)) }
    if let iccProfile, !iccProfile.isEmpty {
      var block = spng_iccp()
      block.profile_name.0 = CChar(bitPattern: UInt8(ascii: "i"))  // a name is demanded, nobody reads it
      block.profile = context.keep(iccProfile)
      block.profile_len = iccProfile.count
      try context.offer(spng_set_iccp(context.pointer, &block))
    } else if let renderingIntent {
      // PNG, Third Edition, 11.3.2.5: not beside a profile.
      try context.offer(spng_set_srgb(context.pointer, renderingIntent))
    }
    if let density { try set(density, in: context) }
    if let exif, !exif.isEmpty {
      var block = spng_exif(length: exif.count, data: context.keep(exif))
      try context.offer(spng_set_exif(context.pointer, &block))
    }
    if let codePoints { try set(codePoints, in: context) }
  }

  private func set(_ density: PixelDensity, in context: SPNGContext) throws(PictureError) {
    let metric = density.perMetre
    var block = spng_phys(
      ppu_x: metric?.x ?? density.x, ppu_y: metric?.y ?? density.y, unit_specifier: metric == nil ? 0 : 1)
    try context.offer(spng_set_phys(context.pointer, &block))
  }

  /// libspng does not know cICP. PNG demands the matrix of RGB, 0.
  private func set(_ points: CodePoints, in context: SPNGContext) throws(PictureError) {
    let content = [points.primaries, points.transfer, 0, points.isFullRange ? 1 : 0]
    var chunk = spng_unknown_chunk()
    chunk.type = (0x63, 0x49, 0x43, 0x50)  // "cICP"
    chunk.length = content.count
    chunk.data = UnsafeMutableRawPointer(context.keep(content))
    chunk.location = SPNG_AFTER_IHDR
    // libspng keeps the pointer to the list of chunks, too.
    let list = UnsafeMutableRawPointer(context.keep(withUnsafeBytes(of: &chunk) { Array($0) }))
    try context.offer(
      spng_set_unknown_chunks(context.pointer, list?.assumingMemoryBound(to: spng_unknown_chunk.self), 1))
  }
}

extension PictureMetadata.Chromaticities {
  fileprivate var chunk: spng_chrm_int {
    spng_chrm_int(
      white_point_x: white.x, white_point_y: white.y, red_x: red.x, red_y: red.y, green_x: green.x,
      green_y: green.y, blue_x: blue.x, blue_y: blue.y)
  }
}
