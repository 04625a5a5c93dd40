import Imaging
import Networks
import Numerics

/// The LR pictures of a task: the crop degraded by the true kernel ("dad"), and that once more ("son"). Planar, circular
/// border, neither clipped nor rounded. Workspace of one thread.
final class LowResolution {
  /// Of the largest HR crop that there is room for.
  let capacity: Int
  /// Of the HR picture that `dad` was made of.
  private(set) var side: Int
  let dad: FloatBuffer  // (3, side / 2, side / 2)
  let son: FloatBuffer  // (3, side / 4, side / 4)
  private let unit: VectorUnit
  private let taps: Int
  private let high: FloatBuffer  // (3, side, side)
  private let wrapped: FloatBuffer
  private let split: FloatBuffer
  private let kernel: FloatBuffer
  private static let shares = (0...255).map { Float($0) / 255 }

  init(side: Int = MetaTask.cropSide, taps: Int, unit: VectorUnit) {
    (capacity, self.side, self.taps, self.unit) = (side, side, taps, unit)
    let n = side
    let low = side / 2
    (dad, son) = (FloatBuffer(3 * low * low), FloatBuffer(3 * low * low / 4))
    high = FloatBuffer(3 * n * n)
    wrapped = FloatBuffer(3 * (n + taps) * (n + taps))
    split = FloatBuffer(3 * (n + taps) * 2 * (n / 2 + 16 + taps))
    kernel = FloatBuffer(taps * taps)
  }

  /// Makes `dad` and `son` of it, with the task's noise, drawn from `key`, on `dad` or only on `son` where that is the
  /// LR picture (scale 4).
  /// - Parameters:
  ///   - softened: the kernel that the HR picture is blurred by, where that is not the task's own.
  ///   - shrunk: the side that the crop is shrunk to first, a multiple of 4; nil for its own.
  ///   - jpeg: what the LR picture is stored as last; nil for none.
  func make(
    _ task: MetaTask, scale: Int = 2, shrunk: Int? = nil, softened: [Float]? = nil, noise key: UInt64,
    stream: UInt64, jpeg: JPEG? = nil
  ) {
    side = shrunk ?? task.side
    if side == task.side {
      unpack(task.crop, side: side, into: high.pointer)
    } else {
      unpack(task.crop, from: task.side)
    }
    kernel.load(softened ?? task.kernel)
    degrade(high, side: side, into: dad)
    kernel.load(task.kernel)
    func finish(_ picture: FloatBuffer) {
      addNoise(
        task.imageNoise, to: picture, count: 3 * (side / scale) * (side / scale), key: key, stream: stream)
      if let jpeg { store(picture, side: side / scale, as: jpeg) }
    }
    if scale == 2 { finish(dad) }
    degrade(dad, side: side / 2, into: son)
    if scale == 4 { finish(son) }
  }

  /// A quality, 1 to 100, and where in the picture the first of JPEG's blocks begins: it may have been cropped since.
  struct JPEG {
    let quality: Int
    let top: Int, left: Int
  }

  /// Replaces the picture by what a JPEG keeps of it; a picture is clipped and cut off to 8 bits before.
  private func store(_ planes: FloatBuffer, side: Int, as jpeg: JPEG) {
    let plane = side * side
    cutWrapped(planes, side: side, top: jpeg.top, left: jpeg.left, size: side, into: high.pointer)
    let rgb = (0..<3 * plane).map { i in UInt8(min(max(high.pointer[i % 3 * plane + i / 3], 0), 1) * 255) }
    // Crops are far below a JPEG's limits, so that nothing but memory can be missing, as for any array.
    guard let stored = try? Picture(width: side, height: side, rgb: rgb).throughJPEG(quality: jpeg.quality)
    else { preconditionFailure("no memory for a JPEG of \(side)x\(side) pixels") }
    stored.patch(top: 0, left: 0, height: side, width: side, into: high.pointer)
    cutWrapped(high, side: side, top: -jpeg.top, left: -jpeg.left, size: side, into: planes.pointer)
  }

  private func addNoise(
    _ deviation: Float, to planes: FloatBuffer, count: Int, key: UInt64, stream: UInt64
  ) {
    guard deviation > 0 else { return }
    // Larger than dad, and free again: room for the normals.
    Philox.normals(
      key: key, stream: stream, into: high.pointer, count: (count + 63) / 64 * 64, unit: unit)
    unit.loops.add_scaled(planes.pointer, high.pointer, deviation, count)
  }

  /// The crop's pixels, (side, side, 3), as planes.
  private func unpack(_ crop: [UInt8], side: Int, into planes: UnsafeMutablePointer<Float>) {
    let plane = side * side
    crop.withUnsafeBufferPointer { bytes in
      Self.shares.withUnsafeBufferPointer { shares in
        for pixel in 0..<plane {
          for c in 0..<3 { planes[c * plane + pixel] = shares[Int(bytes[3 * pixel + c])] }
        }
      }
    }
  }

  /// Each pixel of `high` the mean over what it covers of the crop.
  private func unpack(_ crop: [UInt8], from wide: Int) {
    let cover = (0..<side).map { Cover($0, wide: wide, narrow: side) }
    // Room for planes of the crop's side, free until `degrade`.
    let (one, other) = (wrapped.pointer, split.pointer)
    unpack(crop, side: wide, into: one)
    for c in 0..<3 {
      let plane = one + c * wide * wide
      shrinkRows(plane, columns: wide, cover, into: other)
      unit.loops.transpose_scaled(plane, other, side, wide, nil, 1)
      shrinkRows(plane, columns: side, cover, into: other)
      unit.loops.transpose_scaled(high.pointer + c * side * side, other, side, side, nil, 1)
    }
  }

  private func shrinkRows(
    _ rows: UnsafePointer<Float>, columns: Int, _ cover: [Cover], into out: UnsafeMutablePointer<Float>
  ) {
    for (y, cover) in cover.enumerated() {
      unit.loops.combine_rows(
        rows + cover.first * columns, cover.shares.count, cover.shares, columns, out + y * columns)
    }
  }

  /// Which pixels of a row of `wide` one of a row of `narrow` covers, with the shares that add up to 1.
  private struct Cover {
    let first: Int
    let shares: [Float]

    init(_ index: Int, wide: Int, narrow: Int) {
      let (from, to) = (index * wide, (index + 1) * wide)
      first = from / narrow
      shares = (first...(to - 1) / narrow).map { source in
        let shared = min(to, (source + 1) * narrow) - max(from, source * narrow)
        return Float(shared) / Float(wide)
      }
    }
  }

  /// out[y, x] = sum over a, b of k[a, b] * in[(2y + a - taps / 2) mod side, (2x + b - taps / 2) mod side]
  private func degrade(_ planes: FloatBuffer, side: Int, into out: FloatBuffer) {
    let margin = taps / 2
    let size = side + taps - 2
    cutWrapped(planes, side: side, top: -margin, left: -margin, size: size, into: wrapped.pointer)
    let half = (side / 2 + 15) / 16 * 16 + margin + 1
    unit.loops.split_columns(wrapped.pointer, size, size, half, split.pointer)
    unit.loops.convolve_stride2(split.pointer, size, half, kernel.pointer, taps, side / 2, out.pointer)
  }
}

/// Copies a square of `size` from planes (3, side, side), reading around the edges; `top` and `left` may be negative,
/// down to -side.
func cutWrapped(
  _ planes: FloatBuffer, side: Int, top: Int, left: Int, size: Int, into out: UnsafeMutablePointer<Float>
) {
  for i in 0..<3 * size {
    let row = planes.pointer + (i / size * side + (top + i % size + side) % side) * side
    var from = (left + side) % side
    var done = 0
    while done < size {
      let run = min(side - from, size - done)
      (out + i * size + done).update(from: row + from, count: run)
      done += run
      from = 0
    }
  }
}
