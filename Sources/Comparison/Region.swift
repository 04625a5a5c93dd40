import Imaging
import SuperResolution

extension Picture {
  /// A part of the picture; the picture itself where no part is named.
  func region(_ part: PicturePart?) -> Picture { part.map { self.part($0) } ?? self }
}

extension Bench.Pair {
  /// The part of a low-resolution picture that takes at most `side` pixels a side of the original; nil where that is all of
  /// it. The part has whole low-resolution pixels. Pixel i of a benchmark's low-resolution picture is pixel scale i of the
  /// blurred original, so the same part of the original begins at a multiple of the scale.
  static func region(of lowResolution: PictureSize, scale: Int, side: Int) -> PicturePart? {
    let part = PicturePart(centreOf: lowResolution, atMost: max(side / scale, 1))
    return part.size == lowResolution ? nil : part
  }
}
