import KernelGAN
import Numerics

/// The LR pictures of a task: the crop degraded by the true kernel ("dad"), and that once more ("son"). Planar, circular
/// border, neither clipped nor rounded. Workspace of one thread.
final class LowResolution {
  let dad: FloatBuffer  // (3, 96, 96)
  let son: FloatBuffer  // (3, 48, 48)
  private let unit: VectorUnit
  private let taps: Int
  private let high: FloatBuffer  // (3, 192, 192)
  private let wrapped: FloatBuffer
  private let split: FloatBuffer
  private let kernel: FloatBuffer
  private static let shares = (0...255).map { Float($0) / 255 }

  init(taps: Int, unit: VectorUnit) {
    (self.taps, self.unit) = (taps, unit)
    let n = MetaTask.cropSide
    let low = MetaTask.lowSide
    (dad, son) = (FloatBuffer(3 * low * low), FloatBuffer(3 * low * low / 4))
    high = FloatBuffer(3 * n * n)
    wrapped = FloatBuffer(3 * (n + taps) * (n + taps))
    split = FloatBuffer(3 * (n + taps) * 2 * (n / 2 + 16 + taps))
    kernel = FloatBuffer(taps * taps)
  }

  /// Makes `dad`, with noise of the given standard deviation drawn from `key`, and `son` of it.
  func make(_ task: MetaTask, noise key: UInt64, stream: UInt64) {
    let n = MetaTask.cropSide
    let plane = n * n
    for pixel in 0..<plane {
      for c in 0..<3 { high.pointer[c * plane + pixel] = Self.shares[Int(task.crop[3 * pixel + c])] }
    }
    kernel.load(task.kernel)
    degrade(high, side: n, into: dad)
    if task.imageNoise > 0 {
      // Larger than dad, and free again: room for the normals.
      Philox.normals(
        key: key, stream: stream, into: high.pointer, count: (dad.count + 63) / 64 * 64, unit: unit)
      unit.loops.add_scaled(dad.pointer, high.pointer, task.imageNoise, dad.count)
    }
    degrade(dad, side: n / 2, into: son)
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
