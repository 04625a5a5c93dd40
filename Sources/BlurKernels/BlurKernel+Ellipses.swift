import Foundation
public import Imaging

extension BlurKernel {
  /// The kernel enlarged as `picture(cell:)` does, with ellipses over it: the one of its covariance (one standard deviation)
  /// in orange, and in blue the smallest and the largest that its spread allows.
  ///
  /// - Parameter bound: on LK-COV to the true kernel, in square pixels of this kernel's scale. Along both axes alike, the
  ///   trace may differ by so much.
  public func picture(cell: Int, bound: Double) -> Picture {
    let plain = picture(cell: cell)
    guard case .bits8(var rgb) = plain.samples else { return plain }
    let trace = covariance.xx + covariance.yy
    let ellipses: [(factor: Double, colour: [UInt8])] = [
      (max(1 - bound / trace, 0), [70, 130, 255]), (1 + bound / trace, [70, 130, 255]), (1, [255, 140, 0]),
    ]
    for ellipse in ellipses {
      draw(ellipse.colour, scaledBy: ellipse.factor, cell: cell, size: plain.width, into: &rgb)
    }
    return Picture(width: plain.width, height: plain.height, rgb: rgb)
  }

  /// Points along the ellipse, closer together than pixels.
  private func draw(
    _ colour: [UInt8], scaledBy factor: Double, cell: Int, size: Int, into rgb: inout [UInt8]
  ) {
    let covariance = covariance
    guard covariance.xx > 0, factor > 0 else { return }
    // L of the covariance L L^T, in pixels of the picture.
    let first = (covariance.xx * factor).squareRoot() * Double(cell)
    let below = covariance.xy * factor * Double(cell * cell) / first
    let last = max(covariance.yy * factor * Double(cell * cell) - below * below, 0).squareRoot()
    let centre = centreOfMass
    let steps = 8 * size
    for step in 0..<steps {
      let angle = 2 * Double.pi * Double(step) / Double(steps)
      let x = Int((centre.x + 0.5) * Double(cell) + first * cos(angle))
      let y = Int((centre.y + 0.5) * Double(cell) + below * cos(angle) + last * sin(angle))
      for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
        guard (0..<size).contains(x + dx), (0..<size).contains(y + dy) else { continue }
        let pixel = 3 * ((y + dy) * size + x + dx)
        for channel in 0..<3 { rgb[pixel + channel] = colour[channel] }
      }
    }
  }
}
