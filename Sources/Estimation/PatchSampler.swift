import Imaging
import Networks
import Numerics

/// The draws of one estimate: where patches lie, and the key of the noise.
struct PatchDraws {
  let sampler: CropSampler
  let key: UInt64

  /// Streams of the key.
  enum Stream: UInt64 { case positions, noiseReal, noiseFake }

  /// - Parameter onStep: called with 0 while the picture is looked at.
  init(
    _ picture: Picture, seed: UInt64, onStep: (Int) throws(EstimationError) -> Void
  ) throws(EstimationError) {
    sampler = CropSampler(
      try ProbabilityMap(of: picture, cropSize: Estimator.regionSide) { () throws(EstimationError) in
        try onStep(0)
      })
    key = MethodDraws.metaKernelGAN.key(seed: seed)
  }

  /// The top left corner of patch number `index` of the whole estimate.
  func topLeft(_ index: Int) -> (top: Int, left: Int) {
    var random = Philox(key: key, stream: Stream.positions.rawValue, at: UInt64(index))
    return sampler.topLeft(at: random.uniform())
  }
}

/// Fills a step's input from a picture: regions drawn by gradient magnitude, real patches, and new noise. A real
/// patch is its region's top-left quarter (paper, section 3.1).
final class PatchSampler {
  /// - Parameter index: the number of the step, from 0.
  func fill(
    _ step: AdaptationStep, from picture: Picture, _ draws: PatchDraws, index: Int,
    border: EstimationSettings.Border
  ) {
    let architecture = step.architecture
    let input = step.input
    let region = Architecture.colours * architecture.inputSide * architecture.inputSide
    let patch = Architecture.colours * architecture.patchSide * architecture.patchSide
    for p in 0..<step.patches {
      let corner = draws.topLeft(index * step.patches + p)
      picture.patch(
        top: corner.top, left: corner.left, height: architecture.patchSide, width: architecture.patchSide,
        into: input.real.pointer + p * patch)
      fillRegion(
        input.regions.pointer + p * region, from: picture, at: corner, side: architecture.inputSide,
        margin: architecture.kernelSide / 2, border: border)
    }
    func draw(_ stream: PatchDraws.Stream, into noise: FloatBuffer) {
      Philox.normals(
        key: draws.key, stream: stream.rawValue, array: index, into: noise, unit: step.unit)
    }
    draw(.noiseReal, into: input.noiseReal)
    draw(.noiseFake, into: input.noiseFake)
  }

  private func fillRegion(
    _ out: UnsafeMutablePointer<Float>, from picture: Picture, at corner: (top: Int, left: Int), side: Int,
    margin: Int, border: EstimationSettings.Border
  ) {
    switch border {
    case .picture:
      picture.patch(
        top: corner.top - margin, left: corner.left - margin, height: side, width: side, into: out)
    case .patch:
      let n = Estimator.regionSide
      picture.patch(top: corner.top, left: corner.left, height: n, width: n, into: region.pointer)
      for i in 0..<Architecture.colours * side {
        let row = region.pointer + (i / side * n + (i % side + n - margin) % n) * n
        wrap(row, length: n, margin: margin, into: out + i * side, count: side)
      }
    }
  }

  /// `row` of `length` values repeated, from `margin` values before its beginning.
  private func wrap(
    _ row: UnsafePointer<Float>, length: Int, margin: Int, into out: UnsafeMutablePointer<Float>, count: Int
  ) {
    var from = length - margin
    var done = 0
    while done < count {
      let run = min(length - from, count - done)
      (out + done).update(from: row + from, count: run)
      done += run
      from = 0
    }
  }

  private let region = FloatBuffer(Architecture.colours * Estimator.regionSide * Estimator.regionSide)
}
