internal import CHEIF

/// Decodes the primary picture of a HEIC or AVIF file with libheif, which applies the file's own rotation and mirroring (that
/// part of the format is no EXIF orientation, and is not optional).
final class HEIFDecoder: PictureDecoder {
  static let format = "HEIF"

  private let context: OpaquePointer
  private let handle: OpaquePointer
  private let name: String

  init(_ source: UnsafeBufferPointer<UInt8>, name: String) throws(PictureError) {
    guard let context = heif_context_alloc() else { throw .outOfMemory(name: name) }
    var handle: OpaquePointer?
    do {
      // Tiles and thumbnails of a size that no layout is checked for.
      heif_context_set_maximum_image_size_limit(context, 1 << 15)
      try Self.check(
        heif_context_read_from_memory_without_copy(context, source.baseAddress, source.count, nil), name)
      try Self.check(heif_context_get_primary_image_handle(context, &handle), name)
    } catch {
      heif_context_free(context)
      throw error
    }
    guard let handle else {
      heif_context_free(context)
      throw .damaged(name: name, format: Self.format, reason: "it holds no image")
    }
    (self.context, self.handle, self.name) = (context, handle, name)
  }

  deinit {
    heif_image_handle_release(handle)
    heif_context_free(context)
  }

  private var bits: Int { Int(heif_image_handle_get_luma_bits_per_pixel(handle)) }
  private var hasAlpha: Bool { heif_image_handle_has_alpha_channel(handle) != 0 }

  /// libheif holds the picture as luma and chroma, then as interleaved colours.
  var layout: PictureLayout {
    PictureLayout(
      size: PictureSize(
        width: Int(heif_image_handle_get_width(handle)), height: Int(heif_image_handle_get_height(handle))),
      isDeep: bits > 8, hasAlpha: hasAlpha, workingBytes: bits > 8 ? 6 : 5)
  }

  func picture(check: () throws(PictureError) -> Void) throws(PictureError) -> Picture {
    let chroma = bits > 8 ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RGBA
    var decoded: OpaquePointer?
    try Self.check(heif_decode_image(handle, &decoded, heif_colorspace_RGB, chroma, nil), name)
    defer { heif_image_release(decoded) }
    var stride: Int32 = 0
    guard let plane = heif_image_get_plane_readonly(decoded, heif_channel_interleaved, &stride) else {
      throw .damaged(name: name, format: Self.format, reason: "it holds no image")
    }
    let width = Int(heif_image_get_width(decoded, heif_channel_interleaved))
    let height = Int(heif_image_get_height(decoded, heif_channel_interleaved))
    guard width == layout.size.width, height == layout.size.height else {
      throw .damaged(name: name, format: Self.format, reason: "its size is not the one it names")
    }
    let samples: Picture.Samples
    let transparency: Transparency?
    if bits > 8 {
      let rows = try deepRows(plane, stride: Int(stride), width: width, height: height, check: check)
      (samples, transparency) = (.bits16(rows.samples), rows.transparency { .bits16($0) })
    } else {
      let rows = try rows(plane, stride: Int(stride), width: width, height: height, check: check)
      (samples, transparency) = (.bits8(rows.samples), rows.transparency { .bits8($0) })
    }
    return Picture(
      width: width, height: height, samples: samples, transparency: transparency, metadata: metadata,
      notes: transparency == nil ? [] : [Picture.laidOnWhiteNote])
  }

  private func rows(
    _ plane: UnsafePointer<UInt8>, stride: Int, width: Int, height: Int,
    check: () throws(PictureError) -> Void
  ) throws(PictureError) -> PictureRows<UInt8> {
    var rows = PictureRows<UInt8>(width: width, height: height)
    for row in 0..<height {
      try check()
      rows.store(
        UnsafeBufferPointer(start: plane + row * stride, count: 4 * width), row: row,
        columns: Swift.stride(from: 0, to: width, by: 1), hasAlpha: hasAlpha)
    }
    return rows
  }

  /// Samples of 10 or 12 bits, repeated from the top to fill 16.
  private func deepRows(
    _ plane: UnsafePointer<UInt8>, stride: Int, width: Int, height: Int,
    check: () throws(PictureError) -> Void
  ) throws(PictureError) -> PictureRows<UInt16> {
    var rows = PictureRows<UInt16>(width: width, height: height)
    var line = [UInt16](repeating: 0, count: 4 * width)
    let bits = min(bits, 16)
    for row in 0..<height {
      try check()
      let start = plane + row * stride
      for index in line.indices {
        let value = UInt16(start[2 * index]) | UInt16(start[2 * index + 1]) << 8
        line[index] = value << (16 - bits) | value >> (2 * bits - 16)
      }
      line.withUnsafeBufferPointer {
        rows.store($0, row: row, columns: Swift.stride(from: 0, to: width, by: 1), hasAlpha: hasAlpha)
      }
    }
    return rows
  }

  private static func check(_ error: heif_error, _ name: String) throws(PictureError) {
    if error.code == heif_error_Ok { return }
    let reason = error.message.map { String(cString: $0) } ?? "unknown error"
    if error.code == heif_error_Memory_allocation_error {
      throw .damaged(name: name, format: format, reason: "\(reason); it is too large")
    }
    throw .damaged(name: name, format: format, reason: reason)
  }
}

// MARK: metadata

extension HEIFDecoder {
  private var metadata: PictureMetadata {
    var metadata = PictureMetadata(iccProfile: profile, exif: exif)
    // What the camera's orientation asks for, the file's own rotation has done.
    metadata = metadata.withOrientationReset
    metadata.codePoints = codePoints
    return metadata
  }

  private var profile: [UInt8]? {
    let count = heif_image_handle_get_raw_color_profile_size(handle)
    guard count > 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: count)
    return heif_image_handle_get_raw_color_profile(handle, &bytes).code == heif_error_Ok ? bytes : nil
  }

  private var codePoints: PictureMetadata.CodePoints? {
    var profile: UnsafeMutablePointer<heif_color_profile_nclx>?
    guard heif_image_handle_get_nclx_color_profile(handle, &profile).code == heif_error_Ok, let profile else {
      return nil
    }
    defer { heif_nclx_color_profile_free(profile) }
    let values = profile.pointee
    return .init(
      primaries: UInt8(clamping: values.color_primaries.rawValue),
      transfer: UInt8(clamping: values.transfer_characteristics.rawValue),
      matrix: UInt8(clamping: values.matrix_coefficients.rawValue), isFullRange: true)
  }

  /// The first four bytes say where the TIFF structure begins behind them (ISO/IEC 23008-12, A.2.1).
  private var exif: [UInt8]? {
    var item: heif_item_id = 0
    guard heif_image_handle_get_list_of_metadata_block_IDs(handle, "Exif", &item, 1) == 1 else { return nil }
    let count = heif_image_handle_get_metadata_size(handle, item)
    guard count > 4 else { return nil }
    var bytes = [UInt8](repeating: 0, count: count)
    guard heif_image_handle_get_metadata(handle, item, &bytes).code == heif_error_Ok else { return nil }
    let start = 4 + bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    return start < count ? Array(bytes[start...]) : nil
  }
}
