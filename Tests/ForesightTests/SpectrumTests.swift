import Foresight
import Foundation
import Numerics
import Testing

@Suite("Power spectrum")
struct SpectrumTests {
  private static let width = 40, height = 33

  /// Noise with a slope, so that no symmetry hides a mistake.
  private static func picture(_ key: UInt64) -> [Float] {
    var random = Philox(key: key)
    return (0..<width * height).map { i in
      Float(random.uniform()) * 0.5 + Float(i % width) / 100 + Float(i / width) / 300
    }
  }

  private func features(_ picture: [Float], height: Int, width: Int) throws -> [Float] {
    let spectrum = try PowerSpectrum()
    return picture.withUnsafeBufferPointer { values in
      values.baseAddress.map { spectrum.sums(of: $0, height: height, width: width)[0].features } ?? []
    }
  }

  /// The definition, summed in double precision.
  private func naive(_ picture: [Float]) -> [Double] {
    let n = PowerSpectrum.tile
    let count = PowerSpectrum.frequencies
    var powers = [Double](repeating: 0, count: count)
    var (shares, logarithms) = (powers, powers)
    var tiles = 0.0
    for top in stride(from: 0, through: Self.height - n, by: PowerSpectrum.step) {
      for left in stride(from: 0, through: Self.width - n, by: PowerSpectrum.step) {
        let tile = (0..<n * n).map { Double(picture[(top + $0 / n) * Self.width + left + $0 % n]) }
        let mean = tile.reduce(0, +) / Double(n * n)
        func hann(_ i: Int) -> Double { 0.5 - 0.5 * cos(2 * .pi * Double(i) / Double(n)) }
        var own = [Double](repeating: 0, count: count)
        for k in 0..<count {
          let (row, column) = (k / PowerSpectrum.columns, k % PowerSpectrum.columns)
          var (real, imaginary) = (0.0, 0.0)
          for i in tile.indices {
            let (y, x) = (i / n, i % n)
            let angle = -2 * .pi * Double(y * row + x * column) / Double(n)
            let value = (tile[i] - mean) * hann(y) * hann(x)
            real += value * cos(angle)
            imaginary += value * sin(angle)
          }
          own[k] = real * real + imaginary * imaginary
        }
        let total = own.reduce(0, +) + 1e-3
        for k in 0..<count {
          powers[k] += own[k]
          shares[k] += own[k] / total
          logarithms[k] += log(own[k] + 1e-4)
        }
        tiles += 1
      }
    }
    func centred(_ values: [Double]) -> [Double] {
      let mean = values.reduce(0, +) / Double(values.count)
      return values.map { $0 - mean }
    }
    return centred(powers.map { log($0 / tiles + 1e-7) }) + centred(shares.map { log($0 / tiles + 1e-9) })
      + centred(logarithms.map { $0 / tiles })
  }

  @Test func `agrees with its definition`() throws {
    let picture = Self.picture(1)
    let found = try features(picture, height: Self.height, width: Self.width)
    // Single-precision transforms of values of about 1: powers of about 1 to 1e-6 or so, and their logarithms.
    for (a, b) in zip(found, naive(picture)) { #expect(abs(Double(a) - b) < 1e-3) }
  }

  @Test func `mirroring and turning are known from the features`() throws {
    let (w, h) = (48, 48)
    var random = Philox(key: 3)
    let picture = (0..<w * h).map { _ in Float(random.uniform()) }
    let upright = try features(picture, height: h, width: w)
    func mirror(_ i: Int) -> Float { picture[i / w * w + w - 1 - i % w] }
    let mirrored = try features((0..<w * h).map(mirror), height: h, width: w)
    let transposed = try features((0..<w * h).map { picture[$0 % w * w + $0 / w] }, height: h, width: w)
    // A periodic Hann window is not symmetric about its middle, so a mirrored tile sees its pixels a little otherwise.
    func distance(_ a: [Float], _ b: [Float]) -> Float {
      (zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Float(a.count)).squareRoot()
    }
    let symmetries = PowerSpectrum.Symmetry.all
    func seen(_ isMirrored: Bool, _ isTransposed: Bool) -> [Float] {
      symmetries.first { $0.isMirrored == isMirrored && $0.isTransposed == isTransposed }?(upright) ?? []
    }
    // Rounding of the faintest powers.
    #expect(distance(seen(false, true), transposed) < 0.01)
    #expect(distance(seen(true, false), mirrored) < 0.3 * distance(upright, mirrored))
    let both = try features((0..<w * h).map { mirror($0 % w * w + $0 / w) }, height: h, width: w)
    #expect(distance(seen(true, true), both) < 0.4 * distance(upright, both))
    #expect(symmetries.count == 4 && seen(false, false) == upright)
  }

  /// Regions share the tiles out, and their sums add up to the whole's.
  @Test func `regions add up`() throws {
    let picture = Self.picture(5)
    let spectrum = try PowerSpectrum()
    try picture.withUnsafeBufferPointer { values in
      let start = try #require(values.baseAddress)
      let whole = spectrum.sums(of: start, height: Self.height, width: Self.width)[0]
      let parts = spectrum.sums(of: start, height: Self.height, width: Self.width, rows: 2, columns: 2)
      let sum = parts.reduce(PowerSpectrum.Sum(), +)
      #expect(sum.tiles == whole.tiles && parts.count == 4)
      for (a, b) in zip(sum.features, whole.features) { #expect(abs(a - b) < 1e-5) }
    }
  }

  /// Tiles at half the distance are those of four grids, each of which begins half a distance further on.
  @Test func `grids are interleaved`() throws {
    let picture = Self.picture(6)
    let spectrum = try PowerSpectrum()
    let half = PowerSpectrum.step / 2
    try picture.withUnsafeBufferPointer { values in
      let start = try #require(values.baseAddress)
      var grids = [[Float]](repeating: [], count: 4)
      let dense = spectrum.sums(of: start, height: Self.height, width: Self.width, every: half) {
        grids[$1] += UnsafeBufferPointer(start: $2, count: PowerSpectrum.frequencies)
      }
      #expect(dense[0].tiles * PowerSpectrum.frequencies == grids.map(\.count).reduce(0, +))
      for (grid, found) in grids.enumerated() {
        let (top, left) = (grid / 2 * half, grid % 2 * half)
        let rows = (top..<Self.height).flatMap { y in
          picture[(y * Self.width + left)..<(y + 1) * Self.width]
        }
        var expected: [Float] = []
        _ = spectrum.sums(of: rows, height: Self.height - top, width: Self.width - left) {
          expected += UnsafeBufferPointer(start: $2, count: PowerSpectrum.frequencies)
        }
        #expect(found == expected && !found.isEmpty)
      }
    }
  }

  /// White noise of a known deviation has that contrast, within what 144 tiles of 256 values leave to chance.
  @Test func `contrast is the picture's deviation`() throws {
    var random = Philox(key: 9)
    let picture = (0..<128 * 128).map { _ in Float(random.uniform(in: -0.1..<0.1)) }
    let spectrum = try PowerSpectrum()
    let contrast = picture.withUnsafeBufferPointer { values in
      values.baseAddress.map { spectrum.sums(of: $0, height: 128, width: 128)[0].contrast } ?? 0
    }
    #expect(abs(contrast / (0.1 / 3.0.squareRoot()) - 1) < 0.1)
  }
}
