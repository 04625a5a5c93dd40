import BlurKernels
import Foundation
import Imaging
import Numerics
import SuperResolution
import Testing

@Suite struct GuardTests {
  static func leaves(_ key: UInt64, width: Int = 256, height: Int = 256) -> Picture {
    var random = Philox(key: key)
    return Picture(
      width: width, height: height, rgb: DeadLeaves.draw(width: width, height: height, using: &random))
  }

  static func kernel(_ key: UInt64) -> BlurKernel {
    var random = Philox(key: key)
    return KernelFamily.gaussian.draw(using: &random)
  }

  /// A picture by a camera in strong light, whose noise its processing has shaped.
  private func photograph(_ original: Picture, _ kernel: BlurKernel) throws -> Picture {
    try Camera(.photo).photograph(original, kernel: kernel, scale: 2, key: 7)
  }

  /// A kernel as found in a picture that tells it badly.
  private static let doubtful = KernelStanding(covarianceBound: 2.4, typicalDifference: 0.06)

  private func guarded(
    _ enlarged: Picture, of low: Picture, kernel: BlurKernel, fidelity: Fidelity = .normal,
    scale: Int = 2,
    standing: KernelStanding? = nil
  ) throws -> GuardedPicture {
    let plan = try EnlargingPlan(
      of: low, kernel: kernel, standing: standing, scale: scale, fidelity: fidelity)
    return GuardedPicture(enlarged, of: low, kernel: kernel, scale: scale, plan: plan)
  }

  /// What stands for a bad enlargement: everything far from the plain one.
  private func inverted(_ picture: Picture) -> Picture {
    Picture(width: picture.width, height: picture.height, rgb: picture.rgb8.map { 255 - $0 })
  }

  /// Pictures with nothing but blur and the right kernel are trusted.
  @Test(arguments: [2, 4]) func `clean pictures are trusted`(scale: Int) throws {
    for key in 1...4 as ClosedRange<UInt64> {
      let optics = scale == 2 ? Self.kernel(key) : try Self.kernel(key).x4()
      let low = try optics.degrade(Self.leaves(key, width: 160 * scale, height: 160 * scale), scale: scale)
      let result = try guarded(low.bicubic(scale: scale), of: low, kernel: optics, scale: scale)
      #expect(result.trust > 0.85 && result.note == nil, "\(key): \(result.trust)")
    }
  }

  @Test func `fidelity decides how much is left`() throws {
    let low = try photograph(Self.leaves(5, width: 512, height: 512), Self.kernel(5))
    let enlarged = inverted(low.bicubic(scale: 2))
    func result(_ fidelity: Fidelity) throws -> GuardedPicture {
      try guarded(enlarged, of: low, kernel: Self.kernel(5), fidelity: fidelity, standing: Self.doubtful)
    }
    let (high, normal, off) = (try result(.high), try result(.normal), try result(.off))
    #expect(off.picture.samples == enlarged.samples && off.trust == 1)
    #expect(high.trust < normal.trust && normal.trust < 0.7)
    #expect(try #require(normal.note).hasPrefix("the picture shows a camera's demosaicking"))
    let plain = low.bicubic(scale: 2).moved(-1)
    for (index, value) in normal.picture.rgb8.enumerated() {
      let (one, other) = (Int(plain.rgb8[index]), Int(enlarged.rgb8[index]))
      guard min(one, other)...max(one, other) ~= Int(value) else {
        Issue.record("\(value) is not between \(one) and \(other) at \(index)")
        return
      }
    }
  }

  /// Where the plain enlargement takes over, it lies where the network's result does, on both grids.
  @Test func `plain parts do not move`() throws {
    let original = Self.leaves(8, width: 384, height: 384)
    let low = try photograph(original, Self.kernel(8))
    for used in [Self.kernel(8), Self.kernel(8).converted(from: .fkp, to: .kernelGAN, scale: 2)] {
      let result = try SuperResolver(weights: .closedForm).enlarge(low, kernel: used, scale: 2, noise: 20)
      let guarded = try self.guarded(result, of: low, kernel: used, fidelity: .high, standing: Self.doubtful)
      #expect(guarded.trust < 0.5)
      let (x, y) = try guarded.picture.displacement(from: result, reach: 3)
      #expect(abs(x) < 0.1 && abs(y) < 0.1, "\(x), \(y)")
    }
  }

  /// One half comes from a camera, the other is clean: trust differs between them, and no edge shows where it changes.
  @Test func `trust changes smoothly`() throws {
    let original = Self.leaves(9, width: 1536, height: 512)
    let (clean, photo) = (
      try Self.kernel(9).degrade(original, scale: 2), try photograph(original, Self.kernel(9))
    )
    let half = clean.width / 2
    let mixed = (0..<clean.rgb8.count).map { index in
      (index / 3 % clean.width < half ? clean : photo).rgb8[index]
    }
    let low = Picture(width: clean.width, height: clean.height, rgb: mixed)
    let white = Picture(width: 1536, height: 512, rgb: [UInt8](repeating: 255, count: 3 * 1536 * 512))
    let guarded = try self.guarded(white, of: low, kernel: Self.kernel(9)).picture
    // A white "result" shows how much of it is left: everything on the left.
    let row = (0..<1536).map { x in
      (0..<512).map { Double(guarded.rgb8[3 * ($0 * 1536 + x)]) }.reduce(0, +) / 512
    }
    #expect(
      row[..<200].allSatisfy { $0 > 250 } && row[1400...].allSatisfy { $0 < 235 }, "\(row[100]), \(row[1450])"
    )
  }

  /// A print's screen is seen wherever its dots lie and however fine they are; the same picture without one is not.
  @Test(arguments: [2, 4]) func `prints are enlarged plainly`(scale: Int) throws {
    for key in 1...3 as ClosedRange<UInt64> {
      let original = Self.leaves(key, width: 256 * scale, height: 256 * scale)
      let optics = scale == 2 ? Self.kernel(key) : try Self.kernel(key).x4()
      func trust(_ halftone: Double) throws -> GuardedPicture {
        var camera = Camera(.scan)
        camera.halftone = halftone
        let low = try camera.photograph(original, kernel: optics, scale: scale, key: key)
        return try guarded(low.bicubic(scale: scale), of: low, kernel: optics, scale: scale)
      }
      let (printed, plain) = (try trust(0.3), try trust(0))
      #expect(printed.trust < 0.1 && plain.trust > 0.5, "\(key): \(printed.trust), \(plain.trust)")
      #expect(try #require(printed.note).contains("a print's screen"))
    }
  }

  /// Stripes of every direction and width are no screen: that has two directions.
  @Test func `stripes are no screen`() throws {
    let screen = try PrintScreen()
    for (turn, width) in [(0.0, 4.0), (0.3, 3), (0.78, 5), (1.2, 2.5), (1.57, 6)] {
      var random = Philox(key: UInt64(width * 10))
      let rgb = (0..<3 * 192 * 192).map { index -> UInt8 in
        let (x, y) = (Double(index / 3 % 192), Double(index / 3 / 192))
        let wave = cos(2 * Double.pi * (x * cos(turn) + y * sin(turn)) / width)
        return UInt8(128 + 40 * wave + Double(random.below(5)))
      }
      let picture = Picture(width: 192, height: 192, rgb: rgb)
      #expect(screen.certainty(in: picture, rows: 0..<192, columns: 0..<192) == 0, "\(turn), \(width)")
    }
  }

  @Test func `every size and depth is blended`() throws {
    for side in 1...20 {
      let low = Self.leaves(3, width: side, height: 21 - side)
      let deep = Picture(
        width: low.width, height: low.height, samples: .bits16(low.rgb8.map { UInt16($0) * 257 }))
      for picture in [low, deep] {
        for scale in [2, 3, 4] {
          let large = picture.bicubic(scale: scale)
          let guarded = try self.guarded(
            large, of: picture, kernel: Self.kernel(1), fidelity: .high, scale: scale)
          #expect(guarded.picture.width == large.width && guarded.picture.maximum == large.maximum)
        }
      }
    }
  }
}

extension Picture {
  /// Moved by whole pixels in both directions, circularly.
  fileprivate func moved(_ by: Int) -> Picture {
    let (source, side) = (rgb8, (width: width, height: height))
    let rgb = (0..<source.count).map { index in
      let (x, y) = (index / 3 % side.width, index / 3 / side.width)
      let (from, row) = ((x - by + side.width) % side.width, (y - by + side.height) % side.height)
      return source[3 * (row * side.width + from) + index % 3]
    }
    return Picture(width: width, height: height, rgb: rgb)
  }
}
