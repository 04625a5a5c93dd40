import Imaging
import Numerics

/// A batch of crops of one picture, in [-1, 1]: regions of 64x64, which a kernel of scale 2 reduces to 27x27, and real
/// patches of that size. Both are drawn independently, where gradients are strong at their own size.
final class PriorPairs {
  static let batch = 64, patchSide = 27
  private static let regionSide = 64, taps = 11
  /// Floats of a row of even or odd columns: outputs rounded up to 16, and the reach of the taps.
  private static let half = 48

  let unit: VectorUnit
  /// (batch, 3, 27, 27)
  let real: FloatBuffer
  private let picture: Picture
  private let regions: CropSampler, patches: CropSampler
  private let key: UInt64
  /// Regions with even and odd columns apart: (batch, 3, 64, 2, half).
  private let split: FloatBuffer
  private let planes: FloatBuffer

  private enum Stream: UInt64 { case regions, patches, shares }

  /// - Parameters:
  ///   - picture: any size; under 64x64 it is repeated circularly to that.
  ///   - check: called for each row; what it throws ends the work.
  /// - Throws: `EstimationError.numerics` on a processor without AVX2.
  init(
    _ picture: Picture, key: UInt64, check: () throws(EstimationError) -> Void
  ) throws(EstimationError) {
    do { unit = try VectorUnit.current() } catch { throw .numerics("\(error)") }
    let picture = picture.padded(toAtLeast: Self.regionSide)
    (self.picture, self.key) = (picture, key)
    regions = CropSampler(try ProbabilityMap(of: picture, cropSize: Self.regionSide, check: check))
    // Crops have even sides; the patch is one's top left.
    patches = CropSampler(
      try ProbabilityMap(of: picture, cropSize: Self.patchSide + 1, check: check))
    real = FloatBuffer(Self.batch * 3 * Self.patchSide * Self.patchSide)
    split = FloatBuffer(Self.batch * 3 * Self.regionSide * 2 * Self.half)
    planes = FloatBuffer(3 * Self.regionSide * Self.regionSide)
  }

  private var splitCount: Int { split.count / Self.batch }
  private var patchCount: Int { real.count / Self.batch }

  /// The crops of iteration `index`.
  func draw(_ index: Int) {
    for sample in 0..<Self.batch {
      let number = index * Self.batch + sample
      copy(.patches, patches, number, side: Self.patchSide, into: real.pointer + sample * patchCount)
      copy(.regions, regions, number, side: Self.regionSide, into: planes.pointer)
      unit.loops.split_columns(
        planes.pointer, Self.regionSide, Self.regionSide, Self.half, split.pointer + sample * splitCount)
    }
  }

  private func copy(
    _ stream: Stream, _ sampler: CropSampler, _ number: Int, side: Int, into out: UnsafeMutablePointer<Float>
  ) {
    var random = Philox(key: key, stream: stream.rawValue, at: UInt64(number))
    let (top, left) = sampler.topLeft(at: random.uniform())
    picture.patch(top: top, left: left, height: side, width: side, into: out)
    for i in 0..<3 * side * side { out[i] = 2 * out[i] - 1 }
  }

  /// The real patch's share, in [0, 1), of a sample's mixture in the critic's update number `update`.
  func share(_ update: Int, _ sample: Int) -> Float {
    var random = Philox(key: key, stream: Stream.shares.rawValue, at: UInt64(update * Self.batch + sample))
    return Float(random.uniform())
  }

  /// out (batch, 3, 27, 27) = the regions reduced by a kernel of 11x11.
  func reduce(_ kernel: [Double], into out: FloatBuffer) {
    let kernel = kernel.map(Float.init)
    for sample in 0..<Self.batch {
      unit.loops.convolve_stride2(
        split.pointer + sample * splitCount, Self.regionSide, Self.half, kernel, Self.taps, Self.patchSide,
        out.pointer + sample * patchCount)
    }
  }

  /// The gradient by the kernel under the one by what `reduce` gave.
  func kernelGradient(_ patches: FloatBuffer) -> [Double] {
    var sum = [Double](repeating: 0, count: Self.taps * Self.taps)
    var part = [Float](repeating: 0, count: sum.count)
    for sample in 0..<Self.batch {
      unit.loops.convolve_stride2_backward(
        split.pointer + sample * splitCount, Self.regionSide, Self.half,
        patches.pointer + sample * patchCount,
        Self.taps, Self.patchSide, &part)
      for i in sum.indices { sum[i] += Double(part[i]) }
    }
    return sum
  }
}
