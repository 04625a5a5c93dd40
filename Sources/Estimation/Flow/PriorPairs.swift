import Imaging
import Numerics

/// A batch of crops of one picture, in [-1, 1]: regions of 64x64, which a kernel of scale 2 reduces to 27x27, and real
/// patches of 27x27. Both are drawn independently.
final class PriorPairs {
  static let batch = 64, patchSide = 27
  private static let regionSide = 64, taps = 11
  /// Floats of a row of even or odd columns: outputs rounded up to 16, and the reach of the taps.
  private static let half = 48

  let unit: VectorUnit
  /// (batch, 3, 27, 27)
  let real: FloatBuffer
  private let regions: DrawnCrops, patches: DrawnCrops
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
    self.key = key
    regions = try DrawnCrops(
      of: picture, side: Self.regionSide, key: key, stream: Stream.regions.rawValue, check: check)
    patches = try DrawnCrops(
      of: picture, side: Self.patchSide, inRegionsOf: Self.patchSide + 1, key: key,
      stream: Stream.patches.rawValue, check: check)
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
      patches.copy(number, into: real.pointer + sample * patchCount)
      regions.copy(number, into: planes.pointer)
      unit.loops.split_columns(
        planes.pointer, Self.regionSide, Self.regionSide, Self.half, split.pointer + sample * splitCount)
    }
  }

  /// The share, in [0, 1), of the real patch in a sample's mixture at the critic's update number `update`.
  func share(update: Int, sample: Int) -> Float {
    var random = Philox(key: key, stream: Stream.shares.rawValue, at: UInt64(update * Self.batch + sample))
    return Float(random.uniform())
  }

  /// Reduces the regions to `out` (batch, 3, 27, 27) by a kernel of 11x11.
  func reduce(_ kernel: [Double], into out: FloatBuffer) {
    let kernel = kernel.map(Float.init)
    for sample in 0..<Self.batch {
      unit.loops.convolve_stride2(
        split.pointer + sample * splitCount, Self.regionSide, Self.half, kernel, Self.taps, Self.patchSide,
        out.pointer + sample * patchCount)
    }
  }

  /// The gradient by the kernel, (11, 11), from the gradient by the patches that `reduce` gave.
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
