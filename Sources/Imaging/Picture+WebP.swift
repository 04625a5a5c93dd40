internal import CWebP

extension Picture {
  /// - Parameters:
  ///   - quality: 1 to 100; nil for no loss.
  ///   - check: called as often as libwebp reports its progress.
  func encodeWebP(
    quality: Int?, name: String, check: () throws(PictureError) -> Void
  ) throws(PictureError) -> [UInt8] {
    let picture = converted(toDeep: false)
    var output = WebPMemoryWriter()
    WebPMemoryWriterInit(&output)
    defer { WebPMemoryWriterClear(&output) }
    let isDone = try LibraryCheck.passing(check) { context in
      picture.encodeWebP(quality: quality, into: &output, context)
    }
    guard isDone, let bytes = output.mem else {
      let reason =
        max(width, height) > Int(WEBP_MAX_DIMENSION)
        ? "a side may have \(WEBP_MAX_DIMENSION) pixels at most" : "libwebp failed, probably out of memory"
      throw .notEncoded(name: name, format: "WebP", reason: reason)
    }
    let plain = [UInt8](UnsafeBufferPointer(start: bytes, count: output.size))
    guard metadata.iccProfile != nil || metadata.exif != nil else { return plain }
    guard let whole = metadata.muxed(plain) else {
      throw .notEncoded(name: name, format: "WebP", reason: "libwebp cannot add its profile or EXIF data")
    }
    return whole
  }

  /// What `WebPEncodeRGBA` and `WebPEncodeLosslessRGBA` do, with a look at the check in between.
  /// - Parameter context: of `LibraryCheck`.
  /// - Returns: whether it was done.
  private func encodeWebP(
    quality: Int?, into output: inout WebPMemoryWriter, _ context: UnsafeMutableRawPointer
  ) -> Bool {
    var configuration = WebPConfig()
    var image = WebPPicture()
    // Without loss, quality says how hard libwebp tries; 70 is what its simple function takes.
    let effort = Float(quality ?? 70)
    guard WebPConfigPreset(&configuration, WEBP_PRESET_DEFAULT, effort) != 0, WebPPictureInit(&image) != 0
    else { return false }
    configuration.lossless = quality == nil ? 1 : 0
    image.use_argb = configuration.lossless
    (image.width, image.height) = (Int32(width), Int32(height))
    image.writer = WebPMemoryWrite
    image.progress_hook = { _, image in LibraryCheck.hasThrown(image?.pointee.user_data) ? 0 : 1 }
    image.user_data = context
    defer { WebPPictureFree(&image) }
    guard WebPPictureImportRGBA(&image, rgba8, Int32(4 * width)) != 0 else { return false }
    return withUnsafeMutablePointer(to: &output) { output in
      image.custom_ptr = UnsafeMutableRawPointer(output)
      return WebPEncode(&configuration, &image) != 0
    }
  }

  /// (height, width, 4), 8 bits.
  private var rgba8: [UInt8] {
    guard case .bits8(let colours) = transparency?.colours ?? samples else { return [] }
    var cover: [UInt8]?
    if case .bits8(let alpha) = alpha { cover = alpha }
    return [UInt8](unsafeUninitializedCapacity: 4 * width * height) { buffer, count in
      for pixel in 0..<width * height {
        for channel in 0..<3 { buffer[4 * pixel + channel] = colours[3 * pixel + channel] }
        buffer[4 * pixel + 3] = cover?[pixel] ?? 255
      }
      count = buffer.count
    }
  }
}

extension PictureMetadata {
  /// A WebP file with profile and EXIF data beside its image; nil where libwebp refuses.
  fileprivate func muxed(_ webp: [UInt8]) -> [UInt8]? {
    webp.withUnsafeBufferPointer { image in
      var data = WebPData(bytes: image.baseAddress, size: image.count)
      guard let mux = WebPMuxCreateInternal(&data, 1, WEBP_MUX_ABI_VERSION) else { return nil }
      defer { WebPMuxDelete(mux) }
      for (type, content) in [("ICCP", iccProfile), ("EXIF", exif)] {
        guard let content, !content.isEmpty else { continue }
        let code = content.withUnsafeBufferPointer { content in
          var chunk = WebPData(bytes: content.baseAddress, size: content.count)
          return WebPMuxSetChunk(mux, type, &chunk, 1)
        }
        if code != WEBP_MUX_OK { return nil }
      }
      var whole = WebPData()
      guard WebPMuxAssemble(mux, &whole) == WEBP_MUX_OK else { return nil }
      defer { WebPDataClear(&whole) }
      return [UInt8](UnsafeBufferPointer(start: whole.bytes, count: whole.size))
    }
  }
}
