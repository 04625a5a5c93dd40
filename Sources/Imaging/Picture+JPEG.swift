extension Picture {
  /// The picture's 8-bit samples as a JPEG (baseline, chroma at half the resolution, accurate DCT): what cameras and the web
  /// make. Profile and orientation are left out.
  ///
  /// - Parameter quality: 1 to 100, as libjpeg counts.
  /// - Throws: `PictureError.notEncoded` for a side over 65,500 pixels; `outOfMemory`.
  public func encodeJPEG(quality: Int, name: String = "picture") throws(PictureError) -> [UInt8] {
    precondition((1...100).contains(quality), "JPEG qualities are 1 to 100")
    var shape = EncodedShape(self, height: height)
    shape.metadata = PictureMetadata()
    return try encoded { bytes throws(PictureError) in
      try JPEGEncoder(shape, quality: quality, sampling: .halved, name: name, into: bytes)
    }
  }

  /// What is left of the picture after it was stored as a JPEG, 8 bits.
  public func throughJPEG(quality: Int, name: String = "picture") throws(PictureError) -> Picture {
    try Picture.decode(encodeJPEG(quality: quality, name: name), name: name)
  }
}
