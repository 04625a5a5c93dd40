import Imaging
import Networks
import Numerics

/// Where one picture's patches lie, and the key of all its draws.
struct PatchDraws {
  let sampler: CropSampler
  let key: UInt64

  /// Streams of the key.
  enum Stream: UInt64 { case positions, noiseReal, noiseFake }

  init(_ picture: Picture, seed: UInt64) {
    sampler = CropSampler(ProbabilityMap(of: picture, cropSize: Estimator.regionSide))
    key = Philox.key(seed, .estimation)
  }

  /// Corner of patch number `index` of the whole estimation.
  func topLeft(_ index: Int) -> (top: Int, left: Int) {
    var random = Philox(key: key, stream: Stream.positions.rawValue, at: UInt64(index))
    return sampler.topLeft(at: random.uniform())
  }
}

/// Fills a step's input from a picture: regions drawn by gradient magnitude, the real patch being a region's top-left
/// quarter (paper, section 3.1), and fresh noise.
final class PatchSampler {
  func fill(
    _ step: AdaptationStep, from picture: Picture, _ draws: PatchDraws, index: Int,
    border: EstimationSettings.Border
  ) {
    let architecture = step.architecture
    let input = step.input
    let region = Architecture.colours * architecture.inputSide * architecture.inputSide
    let patch = Architecture.colours * architecture.patchSide * architecture.patchSide
    for p in 0..<step.patches {
      let (top, left) = draws.topLeft(index * step.patches + p)
      picture.patch(
        top: top, left: left, height: architecture.patchSide, width: architecture.patchSide,
        into: input.real.pointer + p * patch)
      fillRegion(
        input.regions.pointer + p * region, picture, top, left, side: architecture.inputSide,
        margin: architecture.kernelSide / 2, border)
    }
    fill(input.noiseReal, draws.key, .noiseReal, index, step.unit)
    fill(input.noiseFake, draws.key, .noiseFake, index, step.unit)
  }

  private func fill(
    _ noise: FloatBuffer, _ key: UInt64, _ stream: PatchDraws.Stream, _ index: Int, _ unit: VectorUnit
  ) {
    Philox.normals(
      key: key, stream: stream.rawValue, first: UInt64(index * noise.count / 4), into: noise.pointer,
      count: noise.count, unit: unit)
  }

  private func fillRegion(
    _ out: UnsafeMutablePointer<Float>, _ picture: Picture, _ top: Int, _ left: Int, side: Int, margin: Int,
    _ border: EstimationSettings.Border
  ) {
    switch border {
    case .picture:
      picture.patch(top: top - margin, left: left - margin, height: side, width: side, into: out)
    case .patch:
      let n = Estimator.regionSide
      picture.patch(top: top, left: left, height: n, width: n, into: region.pointer)
      for i in 0..<Architecture.colours * side {
        let row = region.pointer + (i / side * n + (i % side + n - margin) % n) * n
        wrap(row, n, margin, into: out + i * side, count: side)
      }
    }
  }

  /// `row` of `n` values repeated, from `margin` values before its beginning.
  private func wrap(
    _ row: UnsafePointer<Float>, _ n: Int, _ margin: Int, into out: UnsafeMutablePointer<Float>, count: Int
  ) {
    var from = n - margin
    var done = 0
    while done < count {
      let run = min(n - from, count - done)
      (out + done).update(from: row + from, count: run)
      done += run
      from = 0
    }
  }

  private let region = FloatBuffer(Architecture.colours * Estimator.regionSide * Estimator.regionSide)
}
