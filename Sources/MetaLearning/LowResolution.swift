import Imaging
import KernelGAN
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
  ///   - shrunk: the side that the crop is shrunk to first, a multiple of 4; nil for its own.
  ///   - jpegQuality: of the JPEG that the LR picture is stored as last; nil for none.
  func make(
    _ task: MetaTask, scale: Int = 2, shrunk: Int? = nil, noise key: UInt64, stream: UInt64,
    jpegQuality: Int? = nil
  ) {
    side = shrunk ?? task.side
    if side == task.side { unpack(task.crop) } else { unpack(task.crop, from: task.side) }
    kernel.load(task.kernel)
    degrade(high, side: side, into: dad)
    func finish(_ picture: FloatBuffer) {
      addNoise(task.imageNoise, to: picture, 3 * (side / scale) * (side / scale), key, stream)
      if let jpegQuality { store(picture, side: side / scale, quality: jpegQuality) }
    }
    if scale == 2 { finish(dad) }
    degrade(dad, side: side / 2, into: son)
    if scale == 4 { finish(son) }
  }

  /// Replaces the picture by what a JPEG keeps of it; a picture is clipped and cut off to 8 bits before.
  private func store(_ planes: FloatBuffer, side: Int, quality: Int) {
    let plane = side * side
    let rgb = (0..<3 * plane).map { i in
      UInt8(min(max(planes.pointer[i % 3 * plane + i / 3], 0), 1) * 255)
    }
    // Crops are far below a JPEG's limits, so that nothing but memory can be missing, as for any array.
    guard let stored = try? Picture(width: side, height: side, rgb: rgb).throughJPEG(quality: quality) else {
      preconditionFailure("no memory for a JPEG of \(side)x\(side) pixels")
    }
    stored.patch(top: 0, left: 0, height: side, width: side, into: planes.pointer)
  }

  private func addNoise(
    _ deviation: Float, to planes: FloatBuffer, _ count: Int, _ key: UInt64, _ stream: UInt64
  ) {
    guard deviation > 0 else { return }
    // Larger than dad, and free again: room for the normals.
    Philox.normals(
      key: key, stream: stream, into: high.pointer, count: (count + 63) / 64 * 64, unit: unit)
    unit.loops.add_scaled(planes.pointer, high.pointer, deviation, count)
  }

  private func unpack(_ crop: [UInt8]) {
    let plane = side * side
    for pixel in 0..<plane {
      for c in 0..<3 { high.pointer[c * plane + pixel] = Self.shares[Int(crop[3 * pixel + c])] }
    }
  }

  /// Each pixel the mean over what it covers of the crop.
  private func unpack(_ crop: [UInt8], from wide: Int) {
    let plane = side * side
    let cover = (0..<side).map { Cover($0, wide: wide, narrow: side) }
    var row = [Float](repeating: 0, count: 3 * wide)
    high.clear()
    for y in 0..<side {
      for i in row.indices { row[i] = 0 }
      for (source, weight) in cover[y].parts {
        for i in row.indices { row[i] += weight * Self.shares[Int(crop[3 * wide * source + i])] }
      }
      for x in 0..<side {
        for (source, weight) in cover[x].parts {
          for c in 0..<3 { high.pointer[c * plane + y * side + x] += weight * row[3 * source + c] }
        }
      }
    }
  }

  /// Which pixels of a row of `wide` one of a row of `narrow` covers, with the shares that add up to 1.
  private struct Cover {
    let parts: [(source: Int, weight: Float)]

    init(_ index: Int, wide: Int, narrow: Int) {
      let (from, to) = (index * wide, (index + 1) * wide)
      parts = (from / narrow...(to - 1) / narrow).map { source in
        let shared = min(to, (source + 1) * narrow) - max(from, source * narrow)
        return (source, Float(shared) / Float(wide))
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
