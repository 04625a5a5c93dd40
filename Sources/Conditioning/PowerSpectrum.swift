internal import Degradation
import Numerics

/// What a picture's blur leaves in its spectrum: the power spectrum of its luminance, averaged over overlapping tiles,
/// as logarithms less their own mean (which is the picture's contrast). Workspace of one thread.
///
/// The transform of a tile is two products with the matrix of the discrete Fourier transform. At 16x16 that takes less
/// than a microsecond, and unlike the codelets of an FFT library, which it chooses by processor, it gives the same bytes
/// everywhere, on which exact training rests.
package final class PowerSpectrum {
  /// Side of a tile, and the distance between two.
  package static let tile = 16, step = 8
  /// Frequencies kept: (16, 9), rows in the order of the transform; the rest are their conjugates.
  package static let columns = tile / 2 + 1
  package static let count = tile * columns
  /// Added to powers before the logarithm: well under what rounding to 8 bits leaves in a tile.
  fileprivate static let floor = 1e-7

  private let window: [Float]  // (16, 16), Hann's
  private let along: FloatBuffer  // (16, 18): cosines of 9 frequencies, then sines
  private let cosines: FloatBuffer, sines: FloatBuffer  // (16, 16)
  private let rowTransform, columnTransform: MatrixProduct
  private let samples: FloatBuffer  // (16, 16), windowed
  private let rows: FloatBuffer  // (16, 18)
  private let even: FloatBuffer, odd: FloatBuffer  // (16, 18)

  package init() throws(NumericsError) {
    let n = Self.tile
    let half = Self.columns
    let turns = (0..<n).map { Elementary.sineAndCosine(2 * Double.pi * Double($0) / Double(n)) }
    let hann = turns.map { 0.5 - 0.5 * $0.cosine }
    window = (0..<n * n).map { Float(hann[$0 / n] * hann[$0 % n]) }
    (along, cosines, sines) = (FloatBuffer(n * 2 * half), FloatBuffer(n * n), FloatBuffer(n * n))
    for i in 0..<n {
      for k in 0..<n {
        let turn = turns[i * k % n]
        cosines.pointer[i * n + k] = Float(turn.cosine)
        sines.pointer[i * n + k] = Float(turn.sine)
        guard k < half else { continue }
        along.pointer[i * 2 * half + k] = Float(turn.cosine)
        along.pointer[i * 2 * half + half + k] = Float(-turn.sine)
      }
    }
    (samples, rows) = (FloatBuffer(n * n), FloatBuffer(n * 2 * half))
    (even, odd) = (FloatBuffer(n * 2 * half), FloatBuffer(n * 2 * half))
    rowTransform = try MatrixProduct(m: 2 * half, n: n, k: n)
    columnTransform = try MatrixProduct(m: 2 * half, n: n, k: n)
  }

  /// Powers of some tiles.
  package struct Sum: Sendable {
    fileprivate var powers = [Double](repeating: 0, count: PowerSpectrum.count)
    package fileprivate(set) var tiles = 0

    package init() {}

    package static func + (one: Sum, other: Sum) -> Sum {
      var sum = one
      for i in sum.powers.indices { sum.powers[i] += other.powers[i] }
      sum.tiles += other.tiles
      return sum
    }

    /// `count` features: logarithms of the mean power, less their mean.
    package var features: [Float] {
      let logarithms = powers.map { Elementary.logarithm($0 / Double(max(tiles, 1)) + PowerSpectrum.floor) }
      let mean = logarithms.reduce(0, +) / Double(logarithms.count)
      return logarithms.map { Float($0 - mean) }
    }

    /// Root mean square of what tiles differ from their means by, in shares of the brightest value.
    package var contrast: Double {
      // Parseval; a squared Hann window averages to (3/8)^2, and half of the frequencies are kept.
      let cells = Double(PowerSpectrum.tile * PowerSpectrum.tile)
      let power = powers.reduce(0, +) / Double(max(tiles, 1))
      return (2 * power / cells / cells / (0.375 * 0.375)).squareRoot()
    }
  }

  /// Sums over the tiles of a rectangle of luminance, one for each of a grid of regions, row by row.
  /// - Parameters:
  ///   - luminance: (height, width) in [0, 1], both at least `tile`.
  ///   - rows, columns: of regions; a tile belongs to the one that its centre lies in.
  package func sums(
    of luminance: UnsafePointer<Float>, height: Int, width: Int, rows: Int = 1, columns: Int = 1
  ) -> [Sum] {
    precondition(height >= Self.tile && width >= Self.tile, "a picture of at least one tile")
    var sums = [Sum](repeating: Sum(), count: rows * columns)
    for top in stride(from: 0, through: height - Self.tile, by: Self.step) {
      for left in stride(from: 0, through: width - Self.tile, by: Self.step) {
        let row = (top + Self.tile / 2) * rows / height
        let column = (left + Self.tile / 2) * columns / width
        transform(luminance + top * width + left, rowStride: width)
        addPower(to: &sums[row * columns + column])
      }
    }
    return sums
  }

  /// The transform of one tile, less its mean and windowed: real parts are even left + odd right, imaginary parts
  /// even right - odd left.
  private func transform(_ corner: UnsafePointer<Float>, rowStride: Int) {
    let n = Self.tile
    var sum: Float = 0
    for y in 0..<n { for x in 0..<n { sum += corner[y * rowStride + x] } }
    let mean = sum / Float(n * n)
    for y in 0..<n {
      for x in 0..<n {
        samples.pointer[y * n + x] = (corner[y * rowStride + x] - mean) * window[y * n + x]
      }
    }
    rowTransform(along.pointer, samples.pointer, rows.pointer)
    columnTransform(rows.pointer, cosines.pointer, even.pointer)
    columnTransform(rows.pointer, sines.pointer, odd.pointer)
  }

  private func addPower(to sum: inout Sum) {
    sum.tiles += 1
    let half = Self.columns
    for y in 0..<Self.tile {
      let even = even.pointer + y * 2 * half
      let odd = odd.pointer + y * 2 * half
      for x in 0..<half {
        let real = even[x] + odd[half + x]
        let imaginary = even[half + x] - odd[x]
        sum.powers[y * half + x] += Double(real * real + imaginary * imaginary)
      }
    }
  }
}

/// The weighing of colours that spectra are taken of (Rec. 601).
package enum Luminance {
  package static func of(_ red: Float, _ green: Float, _ blue: Float) -> Float {
    0.299 * red + 0.587 * green + 0.114 * blue
  }
}

extension PowerSpectrum {
  /// The features of the same picture mirrored left to right.
  package static func mirrored(_ features: [Float]) -> [Float] {
    rearranged(features) { row, column in (-row, column) }
  }

  /// The features of the same picture with rows and columns exchanged.
  package static func transposed(_ features: [Float]) -> [Float] {
    rearranged(features) { row, column in (column, row) }
  }

  /// The value at frequency (row, column) is taken from elsewhere; a spectrum's opposite frequencies are equal.
  private static func rearranged(
    _ features: [Float], _ source: (_ row: Int, _ column: Int) -> (Int, Int)
  ) -> [Float] {
    (0..<count).map { index in
      var (row, column) = source(index / columns, index % columns)
      row = (row % tile + tile) % tile
      column = (column % tile + tile) % tile
      if column >= columns { (row, column) = ((tile - row) % tile, tile - column) }
      return features[row * columns + column]
    }
  }
}
