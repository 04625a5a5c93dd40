import BlurKernels
import Imaging
import Numerics
import Testing

/// The noise that pictures of known noise are found to have.
@Suite struct NoiseSpectrumTests {
  private func leaves(_ key: UInt64, side: Int = 256) -> Picture {
    var random = Philox(key: key)
    return Picture(
      width: side, height: side, rgb: DeadLeaves.draw(width: side, height: side, using: &random))
  }

  private func degraded(_ key: UInt64, _ noise: BenchmarkVariation.Noise? = nil) throws -> Picture {
    let variation = BenchmarkVariation(noise: noise)
    return try BenchmarkRecipe.x2.draw(seed: 1, name: "\(key)", variation: variation)
      .degrade(leaves(key, side: 320), scale: 2)
  }

  /// Clean pictures, and those with white noise, are told what they were told before. (Noise of 4 levels passes for a
  /// camera's in a picture that is texture everywhere, which hides that it is white.)
  @Test func `clean and white levels stay`() throws {
    for key in 1...6 as ClosedRange<UInt64> {
      let clean = try degraded(key)
      let level = clean.noiseLevel()
      let told = clean.enlargingNoise()
      #expect(told.level <= level + 0.1 + max(0, level - 1), "\(key): \(level), \(told)")
      #expect(told.trust > 0.9 && told.note == nil, "\(key): \(told)")
      for sigma in [6.0, 9] {
        let white = try degraded(key, .white(level: sigma))
        let told = white.enlargingNoise()
        #expect(abs(told.level / white.noiseLevel() - 1) < 0.12, "\(key): \(told)")
        #expect(told.trust > 0.95)
      }
    }
  }

  /// Noise that is equal in the three channels has a covariance whose largest eigenvalue is three times the variance.
  @Test func `shared noise counts for twice`() throws {
    for key in 1...4 as ClosedRange<UInt64> {
      let grey = try degraded(key, .grey(level: 6))
      let spectrum = try #require(grey.noiseSpectrum)
      #expect(abs(spectrum.sharing - 3.0.squareRoot()) < 0.05, "\(spectrum.sharing)")
      let told = grey.enlargingNoise()
      #expect(told.level / 6 > 1.8 && told.level / 6 < 2.3, "\(told)")
      #expect(try #require(told.note).contains("the same in all colours"))
    }
  }

  /// A camera's noise is hidden from the flattest blocks' highest frequencies, and told all the same.
  @Test func `processed noise is told`() throws {
    for iso in [400.0, 1600, 6400] {
      var camera = Camera(.photo)
      camera.iso = iso
      var kernel = Philox(key: 3)
      let low = try camera.photograph(
        leaves(2, side: 512), kernel: KernelFamily.gaussian.draw(using: &kernel), scale: 2, key: 4)
      let told = low.enlargingNoise()
      #expect(told.level > 8 && told.level <= 25 && told.level > 2 * low.noiseLevel(), "ISO \(iso): \(told)")
      #expect(told.trust < 0.73 && told.processedLevel >= told.level, "\(told)")
    }
  }

  /// A grid of 8x8 that is seen in a camera's picture, by chance or by its JPEG, does not hide what its colours show.
  @Test func `a JPEG's grid does not hide a camera`() {
    let floor = NoiseSpectrum.Floor(low: 1.7, middle: 1.3, upper: 1.06, high: 0.33)
    let spectrum = NoiseSpectrum(floor: floor, lumaSlope: -2.2, chromaSlope: -0.8, sharing: 1.5)
    let told = EnlargingNoise(white: 4, spectrum: spectrum, wasJPEG: true)
    #expect(told.level > 10 && told.plainLevel == 4 && told.trust < 0.8, "\(told)")
  }

  /// A drawing that was never blurred has sharp colours, and is no camera's picture.
  @Test func `drawings are no cameras`() {
    for key in 1...4 as ClosedRange<UInt64> {
      let told = leaves(key).enlargingNoise()
      #expect(told.trust == 1 && told.level == told.plainLevel && told.note == nil, "\(key): \(told)")
    }
  }

  @Test func `levels stay within training`() {
    let floor = NoiseSpectrum.Floor(low: 20, middle: 40, upper: 40, high: 5)
    let spectrum = NoiseSpectrum(floor: floor, lumaSlope: 0, chromaSlope: 0, sharing: 3.0.squareRoot())
    for white in [0.0, 10, 19, 21, 24, 185] {
      let told = EnlargingNoise(white: white, spectrum: spectrum, wasJPEG: false)
      #expect(
        told.level <= 25 && told.level >= min(white, 25) && told.processedLevel <= 25
          && (0...1).contains(told.trust))
    }
    #expect(EnlargingNoise(white: 185, spectrum: nil, wasJPEG: false).level == 25)
    #expect(EnlargingNoise(white: 0, spectrum: .calm, wasJPEG: false, screen: 1).trust == 0)
    // The pattern is certain: nothing of the network is left.
    #expect(EnlargingNoise(white: 0, spectrum: spectrum, wasJPEG: false).trust == 0)
  }

  /// No size ends the program; the smallest have no spectrum.
  @Test func `every size has an answer`() {
    for side in 1...20 {
      for height in [1, 7, 8, 20] {
        let picture = Picture(
          width: side, height: height, rgb: [UInt8](repeating: 100, count: 3 * side * height))
        let spectrum = picture.noiseSpectrum
        #expect((spectrum == nil) == ((side - 7) * (height - 7) < 64 || side < 8 || height < 8))
        let told = picture.enlargingNoise()
        #expect(told.level.isFinite && told.trust == 1)
      }
    }
  }

  /// The same picture in 16 bits has the same spectrum, but for rounding.
  @Test func `depth does not matter`() throws {
    let low = try degraded(3, .grey(level: 6))
    let deep = Picture(
      width: low.width, height: low.height, samples: .bits16(low.rgb8.map { UInt16($0) * 257 }))
    let (one, other) = (try #require(low.noiseSpectrum), try #require(deep.noiseSpectrum))
    #expect(abs(one.floor.upper - other.floor.upper) < 1e-3 && abs(one.sharing - other.sharing) < 1e-3)
  }
}

extension NoiseSpectrum {
  /// The spectrum of a picture with nothing but blur.
  fileprivate static let calm = NoiseSpectrum(
    floor: .init(low: 1, middle: 0.4, upper: 0.2, high: 0.1), lumaSlope: -6, chromaSlope: -5, sharing: 1.1)
}
