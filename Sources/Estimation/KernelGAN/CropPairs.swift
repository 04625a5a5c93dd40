import Imaging
import Networks
import Numerics

/// What KernelGAN's iterations look at in one picture: the generator's region and the discriminator's patch are drawn
/// independently, each where gradients are strong at its own size, and both networks see samples in [-1, 1].
///
/// The authors' program draws regions by the gradients of the picture shrunk to half; here both maps are the picture's
/// own. It also cuts 10 pixels off every side, which small pictures can ill afford; here nothing is cut.
struct CropPairs {
  private let picture: Picture
  private let regions, patches: CropSampler
  private let key: UInt64

  private enum Stream: UInt64 { case regions, patches, noiseReal, noiseFake }

  /// Side of the crops that regions are the top left part of.
  private static let regionSide = 64

  /// - Parameters:
  ///   - picture: any size; under 64x64 it is repeated circularly to that.
  ///   - check: called for each row; what it throws ends the work.
  init(
    _ picture: Picture, _ architecture: Architecture, key: UInt64, check: () throws(EstimationError) -> Void
  ) throws(EstimationError) {
    let padded = picture.padded(toAtLeast: Self.regionSide)
    (self.picture, self.key) = (padded, key)
    func sampler(_ side: Int) throws(EstimationError) -> CropSampler {
      CropSampler(try ProbabilityMap(of: padded, cropSize: side, check: check))
    }
    (regions, patches) = (try sampler(Self.regionSide), try sampler(architecture.patchSide))
  }

  /// Fills the input of iteration `index`.
  func fill(_ step: AdaptationStep, _ index: Int) {
    let (architecture, input) = (step.architecture, step.input)
    copy(.regions, from: regions, index, side: architecture.inputSide, into: input.regions)
    copy(.patches, from: patches, index, side: architecture.patchSide, into: input.real)
    func draw(_ stream: Stream, into noise: FloatBuffer) {
      Philox.normals(key: key, stream: stream.rawValue, array: index, into: noise, unit: step.unit)
    }
    draw(.noiseReal, into: input.noiseReal)
    draw(.noiseFake, into: input.noiseFake)
    // A patch gets its noise before it is stretched to [-1, 1], a fake is made of stretched samples.
    step.unit.loops.scale(input.noiseReal.pointer, input.noiseReal.pointer, 2, input.noiseReal.count)
  }

  private func copy(
    _ stream: Stream, from sampler: CropSampler, _ index: Int, side: Int, into out: FloatBuffer
  ) {
    var random = Philox(key: key, stream: stream.rawValue, at: UInt64(index))
    let (top, left) = sampler.topLeft(at: random.uniform())
    picture.patch(top: top, left: left, height: side, width: side, into: out.pointer)
    for i in 0..<out.count { out.pointer[i] = 2 * out.pointer[i] - 1 }
  }
}
