internal import CTurboJPEG

extension Picture {
  /// The picture's 8-bit samples as a JPEG (baseline, chroma at half the resolution, accurate DCT): what cameras and the web
  /// make. Profile and orientation are left out.
  ///
  /// libjpeg-turbo's vector code for the accurate DCT, for colours and for chroma gives what its plain C gives, so the same
  /// picture makes the same bytes on every machine.
  /// - Parameter quality: 1 to 100, as libjpeg counts.
  /// - Throws: `PictureError.notEncoded` for a side over 65,500 pixels; `outOfMemory`.
  public func encodeJPEG(quality: Int, name: String = "picture") throws(PictureError) -> [UInt8] {
    try encodeJPEG(quality: quality, sampling: TJSAMP_420, name: name)
  }

  func encodeJPEG(quality: Int, sampling: TJSAMP, name: String) throws(PictureError) -> [UInt8] {
    precondition((1...100).contains(quality), "JPEG qualities are 1 to 100")
    guard let handle = tjInitCompress() else { throw .outOfMemory(name: name) }
    defer { tjDestroy(handle) }
    var buffer: UnsafeMutablePointer<UInt8>?
    var count: UInt = 0
    defer { tjFree(buffer) }
    let status = tjCompress2(
      handle, rgb8, Int32(width), 0, Int32(height), Int32(TJPF_RGB.rawValue), &buffer, &count,
      Int32(sampling.rawValue), Int32(quality), TJFLAG_ACCURATEDCT)
    guard status == 0 else {
      throw .notEncoded(name: name, format: "JPEG", reason: String(cString: tjGetErrorStr2(handle)))
    }
    return [UInt8](UnsafeBufferPointer(start: buffer, count: Int(count)))
  }

  /// What is left of the picture after it was stored as a JPEG, 8 bits.
  public func throughJPEG(quality: Int, name: String = "picture") throws(PictureError) -> Picture {
    try Picture.decode(encodeJPEG(quality: quality, name: name), name: name)
  }
}
