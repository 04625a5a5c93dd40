import Imaging
import Networks
import Numerics

/// The crops of one picture that KernelGAN's iterations see: the generator's region and the discriminator's patch,
/// drawn independently.
///
/// The authors' program draws regions by the gradients of the picture reduced to half; here both maps are the picture's
/// own. It also cuts 10 pixels off every side, which small pictures can ill afford; here nothing is cut.
struct CropPairs {
  private let regions: DrawnCrops, patches: DrawnCrops
  private let key: UInt64

  private enum Stream: UInt64 { case regions, patches, noiseReal, noiseFake }

  /// The side of the squares that regions are the top left part of.
  private static let regionSide = 64

  /// - Parameters:
  ///   - picture: any size; under 64x64 it is repeated circularly to that.
  ///   - check: called for each row; what it throws ends the work.
  init(
    _ picture: Picture, _ architecture: Architecture, key: UInt64, check: () throws(EstimationError) -> Void
  ) throws(EstimationError) {
    let picture = picture.padded(toAtLeast: Self.regionSide)
    self.key = key
    regions = try DrawnCrops(
      of: picture, side: architecture.inputSide, inRegionsOf: Self.regionSide, key: key,
      stream: Stream.regions.rawValue, check: check)
    patches = try DrawnCrops(
      of: picture, side: architecture.patchSide, key: key, stream: Stream.patches.rawValue, check: check)
  }

  /// Fills the step's input for iteration `index`.
  func fill(_ step: AdaptationStep, iteration index: Int) {
    let input = step.input
    regions.copy(index, into: input.regions.pointer)
    patches.copy(index, into: input.real.pointer)
    func draw(_ stream: Stream, into noise: FloatBuffer) {
      Philox.normals(key: key, stream: stream.rawValue, array: index, into: noise, unit: step.unit)
    }
    draw(.noiseReal, into: input.noiseReal)
    draw(.noiseFake, into: input.noiseFake)
    // A patch gets its noise before it is stretched to [-1, 1], a fake is made of stretched samples.
    step.unit.loops.scale(input.noiseReal.pointer, input.noiseReal.pointer, 2, input.noiseReal.count)
  }
}
