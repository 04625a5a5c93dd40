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

  /// A sensor's noise: its variance in proportion to the light. The smoothest part of the picture is its darkest.
  @Test func `noise of bright parts counts`() {
    var random = Normals()
    var squares = 0.0
    let samples = (0..<200 * 160).flatMap { pixel -> [UInt8] in
      let (x, y) = (Double(pixel % 200), Double(pixel / 200))
      let level = x < 70 ? 20 : 130 + 60 * sin(x * y / 700)
      return (0..<3).map { _ in
        let grain = 8 * (level / 130).squareRoot() * random.next()
        squares += grain * grain
        return UInt8(min(max((level + grain).rounded(), 0), 255))
      }
    }
    let truth = (squares / Double(samples.count)).squareRoot()
    let level = Picture(width: 200, height: 160, rgb: samples).noiseLevel()
    #expect(abs(level / truth - 1) < 0.25, "\(level), added \(truth)")
  }

  /// However it was cropped since, and nothing else. Its steps are those of the standard's table of luminance (ITU-T T.81,
  /// K.1) at that quality, of which those of quality 95 are too small to tell.
  @Test(arguments: [(30, 20.2), (50, 11.8), (70, 7.0), (95, 1.0)])
  func `a picture that was a JPEG is known by its grid`(quality: Int, step: Double) throws {
    let original = picture(noise: 2)
    #expect(original.jpegTrace == nil && original.noiseLevel() < 3)
    let stored = try original.throughJPEG(quality: quality)
    for corner in [(0, 0), (3, 5)] {
      let samples = stored.rgb8
      let rows = (0..<150).flatMap { row -> ArraySlice<UInt8> in
        let start = 3 * (200 * (row + corner.0) + corner.1)
        return samples[start..<start + 3 * 190]
      }
      let part = Picture(width: 190, height: 150, rgb: rows)
      let trace = try #require(part.jpegTrace)
      #expect(trace.top == (8 - corner.0) % 8 && trace.left == (8 - corner.1) % 8)
      #expect(abs(trace.step - step) < 0.25 * step, "\(corner): \(trace.step)")
      #expect(
        part.noiseLevel() == trace.equivalentNoise && abs(trace.equivalentNoise - 3 - trace.step) < 1e-9)
    }
    let loud = try picture(noise: 25).throughJPEG(quality: 95)
    #expect(loud.noiseLevel() > 15, "noise of its own counts")
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
      #expect(clean.noiseLevel() < 0.8, "\(name)")
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
