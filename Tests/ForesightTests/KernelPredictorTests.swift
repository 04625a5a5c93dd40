import BlurKernels
import Foresight
import Imaging
import Numerics
import Testing

/// The way from a picture to its predicted kernel, with networks at random: what holds whatever they have learned.
@Suite("Kernel predictor")
struct KernelPredictorTests {
  private static let width = 120, height = 104

  /// Samples of 12 bits, so that they can be stored at several contrasts.
  private static func samples(_ key: UInt64) -> [UInt16] {
    var random = Philox(key: key)
    let rgb = DeadLeaves.draw(width: width, height: height, using: &random)
    var samples = rgb.map { UInt16($0) << 4 | UInt16($0) >> 4 }
    samples[0] = 4095
    return samples
  }

  private static func picture(_ samples: [UInt16]) -> Picture {
    Picture(width: width, height: height, samples: .bits16(samples))
  }

  private static func parameters(_ key: UInt64) -> PredictionParameters {
    let parameters = PredictionParameters(freshFrom: key)
    for entry in PredictionParameters.layout.entries where entry.name.hasSuffix("deviation") {
      parameters[entry.name].update(repeating: 1, count: entry.count)
    }
    return parameters
  }

  /// Nothing is left of the pictures before.
  @Test(arguments: [2, 4]) func `a prediction depends on the picture alone`(scale: Int) throws {
    let fresh = try KernelPredictor([Self.parameters(1)], scale: scale)
    let used = try KernelPredictor([Self.parameters(1)], scale: scale)
    _ = used.predict(Self.picture(Self.samples(2)))
    let (one, other) = (
      fresh.predict(Self.picture(Self.samples(3))), used.predict(Self.picture(Self.samples(3)))
    )
    #expect(one.kernel == other.kernel && one.spread == other.spread)
    #expect(abs(one.kernel.sum - 1) < 1e-6)
  }

  /// 12-bit data give the same kernel, byte for byte, wherever in 16 bits they lie.
  @Test func `contrast of 16-bit data changes nothing`() throws {
    let predictor = try KernelPredictor([Self.parameters(1)], scale: 2)
    let full = predictor.predict(Self.picture(Self.samples(3).map { $0 << 4 }))
    for shift in UInt16(0)..<4 {
      let dim = predictor.predict(Self.picture(Self.samples(3).map { $0 << shift }))
      #expect(dim.kernel == full.kernel && dim.spread == full.spread, "12 bits times \(1 << shift)")
    }
  }

  /// Where rounding is most of the spectrum, whatever the depth, the kernel is not called confident.
  @Test func `flat pictures are doubted`() throws {
    let predictor = try KernelPredictor([Self.parameters(1)], scale: 2)
    func isDoubted(_ picture: Picture) -> Bool {
      predictor.predict(picture).spread.doubts.contains { $0.contains("too f") }
    }
    func eight(_ value: (Int) -> UInt8) -> Picture {
      Picture(width: Self.width, height: Self.height, rgb: (0..<3 * Self.width * Self.height).map(value))
    }
    #expect(isDoubted(eight { _ in 128 }))
    #expect(isDoubted(eight { 128 + UInt8($0 / 3 % 2) }))
    #expect(isDoubted(Self.picture(Self.samples(3).map { $0 >> 10 })), "four levels in 16 bits")
    #expect(isDoubted(eight { $0 / 3 % 7 < 3 ? 255 : 0 }), "a 1-bit scan")
    #expect(!isDoubted(Self.picture(Self.samples(3))))
  }

  @Test func `small pictures are doubted and predicted`() throws {
    let predictor = try KernelPredictor([Self.parameters(1)], scale: 2)
    for (width, height) in [(1, 1), (1, 47), (6, 8), (47, 200)] {
      let rgb = (0..<3 * width * height).map { UInt8(truncatingIfNeeded: $0 * 37) }
      let prediction = predictor.predict(Picture(width: width, height: height, rgb: rgb))
      #expect(prediction.spread.doubts.contains { $0.contains("too small") }, "\(width)x\(height)")
      #expect(!prediction.spread.isConfident)
    }
  }

  /// Of several networks the mean.
  @Test func `networks are averaged`() throws {
    let picture = Self.picture(Self.samples(3))
    let alone = try [1, 2].map { key in
      try KernelPredictor([Self.parameters(key)], scale: 2).predict(picture).spread
    }
    let both = try KernelPredictor([1, 2].map(Self.parameters), scale: 2).predict(picture).spread
    func mean(_ value: (KernelSpread) -> Double) -> Double { (value(alone[0]) + value(alone[1])) / 2 }
    #expect(abs(both.covarianceBound / mean(\.covarianceBound) - 1) < 1e-9)
    #expect(abs(both.typicalDifference / mean(\.typicalDifference) - 1) < 1e-9)
  }

  /// A transposed picture has the transposed kernel: symmetries are taken and undone in the same order.
  @Test func `a transposed picture has the transposed kernel`() throws {
    let side = 104
    let rgb = Self.samples(5)
    func sample(_ row: Int, _ column: Int, channel: Int) -> UInt16 {
      rgb[(row * Self.width + column) * 3 + channel]
    }
    func square(_ isTransposed: Bool) -> Picture {
      let samples = (0..<3 * side * side).map { i in
        let (row, column) = (i / 3 / side, i / 3 % side)
        return isTransposed ? sample(column, row, channel: i % 3) : sample(row, column, channel: i % 3)
      }
      return Picture(width: side, height: side, samples: .bits16(samples))
    }
    let predictor = try KernelPredictor([Self.parameters(1)], scale: 4)
    let upright = predictor.predict(square(false)).kernel.covariance
    let transposed = predictor.predict(square(true)).kernel.covariance
    #expect(abs(upright.xx - transposed.yy) < 0.01 && abs(upright.yy - transposed.xx) < 0.01)
    #expect(abs(upright.xy - transposed.xy) < 0.01)
  }
}
