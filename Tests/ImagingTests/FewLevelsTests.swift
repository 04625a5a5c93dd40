import Imaging
import Support
import Testing

/// Edges between a few levels are no noise.
@Suite struct FewLevelsTests {
  /// Smooth shapes and dots, rounded to some levels: a scan.
  private func scan(levels: Int, side: Int, isDeep: Bool) -> Picture {
    let dots = pseudoRandomBytes(side * side, seed: 4)
    let values = (0..<side * side).map { index -> Int in
      let (x, y) = (index % side, index / side)
      let shade = (x * y / 7 + x * 3) % 256
      let level = dots[index] > 225 ? 255 - shade : shade
      return level * levels / 256 * 255 / (levels - 1)
    }
    return isDeep
      ? Picture(
        width: side, height: side, samples: .bits16(tripled(values.map { UInt16($0 * 257) })), isGrey: true)
      : Picture(width: side, height: side, samples: .bits8(tripled(values.map { UInt8($0) })), isGrey: true)
  }

  @Test(arguments: [2, 4, 16], [false, true])
  func `the level is at most what rounding explains`(levels: Int, isDeep: Bool) {
    for side in [8, 11, 40, 200] {
      let picture = scan(levels: levels, side: side, isDeep: isDeep)
      let values = Set(picture.rgb8).sorted()
      let distance = zip(values.dropFirst(), values).map { Int($0) - Int($1) }.min() ?? 0
      let level = picture.noiseLevel()
      #expect(level <= min(Double(distance) / 12.0.squareRoot(), 25) + 1e-9, "\(side): \(level), \(values)")
    }
  }

  @Test func `noise of dark pictures still counts`() {
    let noise = pseudoRandomBytes(3 * 128 * 128, seed: 9).map { 20 + $0 % 16 }
    let level = Picture(width: 128, height: 128, rgb: noise).noiseLevel()
    // The estimator is made for Gaussian noise; of uniform noise the flattest blocks hold less.
    #expect(abs(level / 4.6 - 1) < 0.25, "\(level)")
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
  func `a scan of one bit has a sensible level`() throws {
    let picture = try Picture.read(SharedData.root.appending(path: "cases/scan1bit.png").path)
    #expect(picture.noiseLevel() <= 25 && picture.jpegTrace == nil)
  }
}
