import Imaging
import Numerics

/// Square crops of one picture for networks that see samples in [-1, 1] (KernelGAN and KernelGAN-FKP), drawn where
/// gradients are strong at the crops' size.
struct DrawnCrops {
  private let picture: Picture
  private let sampler: CropSampler
  private let side: Int
  private let key: UInt64, stream: UInt64

  /// - Parameters:
  ///   - side: of a crop, in pixels.
  ///   - region: the side of the squares whose places are drawn, an even number; a crop is the top left part of one.
  ///     Nil where the squares are the crops.
  ///   - key, stream: of the draws.
  ///   - check: called for each of the picture's rows; what it throws ends the work.
  init(
    of picture: Picture, side: Int, inRegionsOf region: Int? = nil, key: UInt64, stream: UInt64,
    check: () throws(EstimationError) -> Void
  ) throws(EstimationError) {
    (self.picture, self.side, self.key, self.stream) = (picture, side, key, stream)
    sampler = CropSampler(try ProbabilityMap(of: picture, cropSize: region ?? side, check: check))
  }

  /// Copies crop number `number` to `out`, (3, side, side).
  func copy(_ number: Int, into out: UnsafeMutablePointer<Float>) {
    var random = Philox(key: key, stream: stream, at: UInt64(number))
    let (top, left) = sampler.topLeft(at: random.uniform())
    picture.patch(top: top, left: left, height: side, width: side, into: out)
    for i in 0..<3 * side * side { out[i] = 2 * out[i] - 1 }
  }
}
