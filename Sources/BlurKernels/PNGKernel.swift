import Imaging

/// Kernels as pictures: grey, one pixel a value, as deblurring tools exchange them.
enum PNGKernel {
  /// The kernel pictures that people look at, this program's too, are enlarged; they are told by their size.
  static let largestSide = BlurKernel.largestSideInPictures

  static func read(_ path: String) throws(Malformed) -> BlurKernel {
    let picture: Picture
    do { picture = try Picture.read(path) } catch { throw Malformed(reason: "\(error)") }
    guard picture.width == picture.height else {
      throw Malformed(reason: "it is \(picture.width)x\(picture.height) pixels; a kernel is square")
    }
    guard picture.width <= largestSide else {
      throw Malformed(
        reason:
          "it is \(picture.width)x\(picture.height) pixels, more than \(largestSide)x\(largestSide): a picture "
          + "of a kernel, not one; use its .npy or .mat file")
    }
    let values = (0..<picture.width * picture.width).map { index in
      (0..<3).map { picture[index / picture.width, index % picture.width, $0] }
    }
    guard values.allSatisfy({ $0[0] == $0[1] && $0[1] == $0[2] }) else {
      throw Malformed(reason: "it has colours; a kernel is grey")
    }
    let kernel = BlurKernel(side: picture.width, values: values.map { $0[0] })
    guard kernel.sum > 0 else { throw Malformed(reason: "it is all black") }
    return kernel.normalised()
  }
}

extension BlurKernel {
  /// The largest side of a kernel that is stored as a picture of one pixel a value.
  package static let largestSideInPictures = 127
}
