import Foundation
import Imaging
import Support
import Testing

@Suite struct NoiseLevelTests {
  /// Stripes, edges and ramps of 200x160 pixels, between 70 and 190, with noise.
  /// - Parameter isShared: whether the channels of a pixel get the same noise.
  private func picture(noise: Double, isShared: Bool = false, offset: Double = 0) -> Picture {
    var random = Normals()
    let samples = (0..<200 * 160).flatMap { pixel -> [UInt8] in
      let (x, y) = (Double(pixel % 200), Double(pixel / 200))
      let stripes = x > 100 ? 30 * sin(x * y / 700) : 0
      let edge: Double = (x / 3 + y).truncatingRemainder(dividingBy: 60) > 30 ? 100 : 160
      let common = random.next()
      return (0..<3).map { channel in
        let grain = isShared ? common : random.next()
        let level = edge + stripes + offset + Double(channel) * y / 20 + noise * grain
        return UInt8(min(max(level.rounded(), 0), 255))
      }
    }
    return Picture(width: 200, height: 160, rgb: samples)
  }

  /// 152 blocks and ten coefficients: a standard error of 1.8 % a channel were they independent, about 4 % since
  /// blocks overlap.
  @Test(arguments: [2.0, 5, 10, 25], [false, true])
  func `noise is measured within a tenth`(noise: Double, isShared: Bool) {
    let level = picture(noise: noise, isShared: isShared).noiseLevel()
    #expect(abs(level / noise - 1) < 0.1, "\(level)")
  }

  @Test func `a clean picture has none`() {
    #expect(picture(noise: 0).noiseLevel() < 0.3)
    #expect(drawnPicture(width: 7, height: 100).noiseLevel() == 0, "no block fits")
    #expect(Picture(width: 8, height: 8, rgb: [UInt8](repeating: 9, count: 192)).noiseLevel() == 0)
  }

  /// Half of the picture at white, where half of the noise is cut off.
  @Test func `white areas do not hide it`() {
    let level = picture(noise: 6, offset: 90).noiseLevel()
    #expect(abs(level / 6 - 1) < 0.1, "\(level)")
  }

  @Test func `16 bits give the same`() {
    let shallow = picture(noise: 4)
    let deep = Picture(width: 200, height: 160, samples: .bits16(bytes(shallow).map { 257 * UInt16($0) }))
    // But for the rounding to whole levels, 1/12, which is not taken off there.
    let difference = deep.noiseLevel() * deep.noiseLevel() - shallow.noiseLevel() * shallow.noiseLevel()
    #expect(abs(difference - 1 / 12.0) < 1e-3)
  }

  /// The noise that was added is the difference to the clean set, which has the same kernels.
  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
  func `the benchmark's noise comes out`() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: SharedData.set14("HR").path)
    for name in names {
      let clean = try Picture.read(SharedData.set14("x2_clean/LR/\(name)").path)
      let noisy = try Picture.read(SharedData.set14("x2_noise_img/LR/\(name)").path)
      #expect(clean.noiseLevel() < 0.5, "\(name)")
      // Away from black and white, where noise is not cut off.
      let pairs = zip(bytes(clean), bytes(noisy)).filter { 40..<216 ~= $0.0 }
      let squares = pairs.reduce(0.0) { sum, pair in
        let difference = Double(pair.0) - Double(pair.1)
        return sum + difference * difference
      }
      let truth = (squares / Double(pairs.count)).squareRoot()
      let level = noisy.noiseLevel()
      #expect(abs(level - truth) < max(0.1 * truth, 0.4), "\(name): \(level), added \(truth)")
    }
  }
}

/// Unit normals by Box and Muller's transform, from a linear congruential generator.
private struct Normals {
  private var state: UInt64 = 3

  mutating func next() -> Double {
    let (radius, angle) = (uniform(), uniform())
    return (-2 * log(radius)).squareRoot() * cos(2 * Double.pi * angle)
  }

  /// In (0, 1].
  private mutating func uniform() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double((state >> 11) + 1) * 0x1p-53
  }
}
