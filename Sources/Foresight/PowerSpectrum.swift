internal import BlurKernels
import Numerics

/// What a picture's blur leaves in its spectrum: the power spectrum of its luminance, averaged over overlapping tiles in
/// three ways, as logarithms less their own mean (which is the picture's contrast). Workspace of one thread.
///
/// The transform of a tile is two products with the matrix of the discrete Fourier transform. At 16x16 that takes less
/// than a microsecond, and unlike the codelets of an FFT library, which it chooses by processor, it gives the same bytes
/// everywhere, on which exact training rests.
package final class PowerSpectrum {
  /// Side of a tile, and the distance between two in training.
  package static let tile = 16, step = 8
  /// Frequencies kept: (16, 9), rows in the order of the transform; the rest are their conjugates.
  package static let columns = tile / 2 + 1
  package static let frequencies = tile * columns
  /// Numbers that a picture gives: three a frequency.
  package static let count = 3 * frequencies
  /// Added to mean powers before the logarithm: well under what rounding to 8 bits leaves in a tile.
  fileprivate static let floor = 1e-7
  /// The same for mean shares; and what a tile's power counts as at least, about what rounding leaves.
  fileprivate static let shareFloor = 1e-9, faintest = 1e-3
  /// Added to a single tile's power before the logarithm.
  fileprivate static let tileFloor: Float = 1e-4

  private let window: [Float]  // (16, 16), Hann's
  private let along: FloatBuffer  // (16, 18): cosines of 9 frequencies, then sines
  private let cosines: FloatBuffer, sines: FloatBuffer  // (16, 16)
  private let rowTransform, columnTransform: MatrixProduct
  private let samples: FloatBuffer  // (16, 16), windowed
  private let rows: FloatBuffer  // (16, 18)
  private let even: FloatBuffer, odd: FloatBuffer  // (16, 18)
  private let power = FloatBuffer(frequencies), logarithms = FloatBuffer(frequencies)  // (16, 9)
  private let unit: VectorUnit

  package init() throws(NumericsError) {
    unit = try VectorUnit.current()
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

  /// What some tiles' powers add up to, in three ways.
  package struct Sum: Sendable {
    /// As they are: what the picture's strongest edges look like.
    fileprivate var powers = zeros
    /// Each in shares of its tile's: what all edges look like, faint ones too.
    fileprivate var shares = zeros
    /// Their logarithms: what most of the picture looks like.
    fileprivate var logarithms = zeros
    package fileprivate(set) var tiles = 0

    private static let zeros = [Double](repeating: 0, count: PowerSpectrum.frequencies)

    package init() {}

    package static func + (one: Sum, other: Sum) -> Sum {
      var sum = one
      for i in 0..<PowerSpectrum.frequencies {
        sum.powers[i] += other.powers[i]
        sum.shares[i] += other.shares[i]
        sum.logarithms[i] += other.logarithms[i]
      }
      sum.tiles += other.tiles
      return sum
    }

    fileprivate mutating func add(_ power: FloatBuffer, logarithms tile: FloatBuffer) {
      let total = Double(power.values.reduce(0, +)) + PowerSpectrum.faintest
      for i in 0..<PowerSpectrum.frequencies {
        let value = Double(power.pointer[i])
        powers[i] += value
        shares[i] += value / total
        logarithms[i] += Double(tile.pointer[i])
      }
      tiles += 1
    }

    /// `count` features: logarithms of the mean power, logarithms of the mean share, and mean logarithms, each less
    /// their mean.
    package var features: [Float] {
      let count = Double(max(tiles, 1))
      return Self.centred(powers.map { Elementary.logarithm($0 / count + PowerSpectrum.floor) })
        + Self.centred(shares.map { Elementary.logarithm($0 / count + PowerSpectrum.shareFloor) })
        + Self.centred(logarithms.map { $0 / count })
    }

    private static func centred(_ values: [Double]) -> [Float] {
      let mean = values.reduce(0, +) / Double(values.count)
      return values.map { Float($0 - mean) }
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
  ///   - distance: between two tiles.
  ///   - rows, columns: of regions; a tile belongs to the one that its centre lies in.
  ///   - onTile: called after each tile with its region, which of four interleaved grids of twice the distance it is part of,
  ///     and the logarithms of its powers, which `tileFloor` was added to.
  package func sums(
    of luminance: UnsafePointer<Float>, height: Int, width: Int, every distance: Int = step, rows: Int = 1,
    columns: Int = 1,
    onTile: (_ region: Int, _ grid: Int, _ logarithms: UnsafePointer<Float>) -> Void = { _, _, _ in }
  ) -> [Sum] {
    sums(
      of: luminance, height: height, width: width, every: distance, rows: rows, columns: columns, check: {},
      onTile: onTile)
  }

  /// As `sums(of:height:width:every:rows:columns:onTile:)`.
  /// - Parameter check: called before each tile; what it throws ends the work.
  package func sums<Stop: Error>(
    of luminance: UnsafePointer<Float>, height: Int, width: Int, every distance: Int, rows: Int,
    columns: Int, check: () throws(Stop) -> Void,
    onTile: (_ region: Int, _ grid: Int, _ logarithms: UnsafePointer<Float>) -> Void
  ) throws(Stop) -> [Sum] {
    precondition(height >= Self.tile && width >= Self.tile, "a picture of at least one tile")
    var sums = [Sum](repeating: Sum(), count: rows * columns)
    for top in stride(from: 0, through: height - Self.tile, by: distance) {
      for left in stride(from: 0, through: width - Self.tile, by: distance) {
        try check()
        let row = (top + Self.tile / 2) * rows / height
        let column = (left + Self.tile / 2) * columns / width
        transform(luminance + top * width + left, rowStride: width)
        takePower()
        sums[row * columns + column].add(power, logarithms: logarithms)
        onTile(row * columns + column, top / distance % 2 * 2 + left / distance % 2, logarithms.pointer)
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

  private func takePower() {
    let half = Self.columns
    for y in 0..<Self.tile {
      let even = even.pointer + y * 2 * half
      let odd = odd.pointer + y * 2 * half
      for x in 0..<half {
        let real = even[x] + odd[half + x]
        let imaginary = even[half + x] - odd[x]
        power.pointer[y * half + x] = real * real + imaginary * imaginary
      }
    }
    unit.loops.logarithms(power.pointer, Self.tileFloor, Self.frequencies, logarithms.pointer)
  }
}

extension PowerSpectrum {
  /// The ways to mirror and turn a picture that its spectrum distinguishes.
  package struct Symmetry: Sendable {
    /// Left to right, before; rows and columns exchanged.
    package let isMirrored: Bool, isTransposed: Bool
    /// Where each frequency's value is taken from; a spectrum's opposite frequencies are equal.
    private let source: [Int]

    package static let all = [(false, false), (true, false), (false, true), (true, true)].map(Symmetry.init)

    private init(isMirrored: Bool, isTransposed: Bool) {
      (self.isMirrored, self.isTransposed) = (isMirrored, isTransposed)
      source = (0..<PowerSpectrum.frequencies).map { place in
        var (row, column) = (place / PowerSpectrum.columns, place % PowerSpectrum.columns)
        if isTransposed { (row, column) = (column, row) }
        if isMirrored { row = -row }
        row = (row % PowerSpectrum.tile + PowerSpectrum.tile) % PowerSpectrum.tile
        if column >= PowerSpectrum.columns {
          (row, column) = ((PowerSpectrum.tile - row) % PowerSpectrum.tile, PowerSpectrum.tile - column)
        }
        return row * PowerSpectrum.columns + column
      }
    }

    /// The values of the picture as it would be, each of whose runs of `frequencies` is a spectrum.
    package func callAsFunction(_ values: [Float]) -> [Float] {
      values.indices.map { i in
        values[
          i / PowerSpectrum.frequencies * PowerSpectrum.frequencies + source[i % PowerSpectrum.frequencies]]
      }
    }
  }
}
