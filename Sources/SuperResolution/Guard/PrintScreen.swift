import Foundation
package import Imaging
import Numerics

/// How clearly a print's halftone screen covers a part of a picture. A screen is a lattice of dots: in the spectrum two peaks of
/// one radius, a quarter turn apart, which stand far above their surroundings in most places of the part. Stripes, bricks
/// and fabrics have one such peak or lower ones.
///
/// A workspace of one thread.
package final class PrintScreen {
  /// The side of the tiles whose spectra are compared, in pixels; half of one is the step to the next.
  static let side = 64
  private static let half = side / 2 + 1
  /// The range of frequencies that a screen can have, in shares of the side: finer than the picture's own detail, and not so fine that
  /// it is a mosaic's.
  private static let radii = (least: 0.15 * Double(side), most: side / 2 - 2)
  /// Heights of the peaks, as logarithms of power over that of their surroundings. On eight held-out pictures, at
  /// both scales, parts of screened ones have 3.9 and more, others at most 3.3 (docs/experiments/18-real-pictures.md).
  private static let heights = 3.4...4.0

  private let transform: FourierTransform
  private let tile = FloatBuffer(side * side)
  private let spectrum: FloatBuffer
  private let window: [Float]

  /// - Throws: `SuperResolutionError.transform` for lack of memory.
  package init() throws(SuperResolutionError) {
    transform = try FourierTransform(width: Self.side, height: Self.side)
    spectrum = transform.makeSpectrum()
    let wave = (0..<Self.side).map { 0.5 - 0.5 * cos(2 * Double.pi * Double($0 + 1) / Double(Self.side + 1)) }
    window = (0..<Self.side * Self.side).map { Float(wave[$0 / Self.side] * wave[$0 % Self.side]) }
  }

  /// From 0 to 1; 0 for a part that is smaller than a tile.
  package func certainty(in picture: Picture, rows: Range<Int>, columns: Range<Int>) -> Double {
    var powers: [[Float]] = []
    for top in stride(from: rows.lowerBound, through: rows.upperBound - Self.side, by: Self.side / 2) {
      for left in stride(from: columns.lowerBound, through: columns.upperBound - Self.side, by: Self.side / 2)
      {
        powers.append(power(of: picture, top: top, left: left))
      }
    }
    return powers.isEmpty ? 0 : NoiseSpectrum.ramp(Self.height(Self.logarithms(powers)), Self.heights)
  }

  /// (side, side/2 + 1), of luma in levels of 255, by the window's energy.
  private func power(of picture: Picture, top: Int, left: Int) -> [Float] {
    for index in 0..<tile.count {
      let (y, x) = (top + index / Self.side, left + index % Self.side)
      tile.pointer[index] =
        255
        * Luminance.of(Float(picture[y, x, 0]), Float(picture[y, x, 1]), Float(picture[y, x, 2]))
    }
    let mean = (0..<tile.count).reduce(Float(0)) { $0 + tile.pointer[$1] } / Float(tile.count)
    for index in 0..<tile.count { tile.pointer[index] = (tile.pointer[index] - mean) * window[index] }
    transform.forward(tile.pointer, into: spectrum)
    let energy = window.reduce(Float(0)) { $0 + $1 * $1 }
    return (0..<Self.side * Self.half).map {
      let (re, im) = (spectrum.pointer[2 * $0], spectrum.pointer[2 * $0 + 1])
      return (re * re + im * im) / energy
    }
  }

  /// Logarithms of the median over tiles, (side, side); the half that is not stored is the other's mirror picture.
  private static func logarithms(_ powers: [[Float]]) -> [Double] {
    let medians = (0..<side * half).map { index in
      let sorted = powers.map { $0[index] }.sorted()
      return log(Double(sorted[sorted.count / 2]) + 0.05)
    }
    return (0..<side * side).map { index in
      let (v, u) = (index / side, index % side)
      return u < half ? medians[v * half + u] : medians[(side - v) % side * half + side - u]
    }
  }

  /// The lower of the two highest peaks that are a quarter turn apart.
  private static func height(_ logarithms: [Double]) -> Double {
    let (outer, inner) = (TorusSums(logarithms, reach: 7), TorusSums(logarithms, reach: 2))
    let above = logarithms.indices.map { logarithms[$0] - (outer[$0] - inner[$0]) / 200 }
    func value(_ v: Int, _ u: Int) -> Double { above[(v + side) % side * side + (u + side) % side] }
    var best = 0.0
    for v in -radii.most...radii.most {
      for u in -radii.most...radii.most where Double(v * v + u * u).squareRoot() >= radii.least {
        guard value(v, u) > best else { continue }
        // A peak between two bins may turn into a neighbour.
        let turned = (-1...1).flatMap { dv in (-1...1).map { du in value(u + du, -v + dv) } }.max() ?? 0
        best = max(best, min(value(v, u), turned))
      }
    }
    return best
  }

  /// Sums over the squares about each value of a torus.
  private struct TorusSums {
    private let sums: [Double]

    init(_ values: [Double], reach: Int) {
      func summed(_ values: [Double], _ neighbour: (Int, Int) -> Int) -> [Double] {
        values.indices.map { index in
          (-reach...reach).reduce(0.0) { $0 + values[neighbour(index, $1)] }
        }
      }
      let rows = summed(values) { $0 / side * side + ($0 % side + $1 + side) % side }
      sums = summed(rows) { ($0 / side + $1 + side) % side * side + $0 % side }
    }

    subscript(index: Int) -> Double { sums[index] }
  }
}
