import Foundation
import Imaging
import Testing

@Suite struct DisplacementTests {
  /// A smooth pattern that does not repeat within the reach.
  private func picture(x: Double, y: Double) -> Picture {
    let samples = (0..<64 * 48).flatMap { index -> [UInt8] in
      let (column, row) = (Double(index % 64) - x, Double(index / 64) - y)
      let level = 128 + 50 * sin(column / 4 + row / 9) + 50 * cos(row / 3 - column / 17)
      return [UInt8](repeating: UInt8(level.rounded()), count: 3)
    }
    return Picture(width: 64, height: 48, rgb: samples)
  }

  /// Squared differences of sines are nearly a parabola about their least.
  @Test(arguments: [(0, 0), (1, 0), (-3, 2), (0.5, -0.5), (-2.3, 5.25)])
  func `moves are found, fractions included`(x: Double, y: Double) throws {
    let found = try picture(x: x, y: y).displacement(from: picture(x: 0, y: 0))
    #expect(abs(found.x - x) < 0.05 && abs(found.y - y) < 0.05, "\(found)")
  }

  @Test func `flat pictures are not moved`() throws {
    let grey = Picture(width: 20, height: 20, rgb: [UInt8](repeating: 7, count: 1200))
    let found = try grey.displacement(from: grey, reach: 2)
    #expect(abs(found.x) <= 2 && abs(found.y) <= 2)
  }

  @Test func `unequal and tiny pictures are refused`() {
    let small = Picture(width: 14, height: 14, rgb: [UInt8](repeating: 7, count: 588))
    #expect(throws: PictureError.tooSmall(width: 14, height: 14, least: 15)) {
      try small.displacement(from: small)
    }
    #expect(throws: PictureError.self) { try small.displacement(from: picture(x: 0, y: 0)) }
  }
}
