import BlurKernels
import Estimation
import Foundation
import Imaging
import Numerics
import SuperResolution
import Support
import Testing

@Suite struct KernelRefinementTests {
  /// A picture whose blur is known exactly: drawn dead leaves, blurred by `kernel` and reduced.
  private func scene(
    _ kernel: BlurKernel, side: Int = 160, scale: Int = 2
  ) throws -> (high: Planes, low: Picture) {
    let large = scale * side
    var random = Philox(key: 11)
    let rgb = DeadLeaves.draw(width: large, height: large, using: &random)
    let planes = Planes(width: large, height: large)
    for i in 0..<large * large { for c in 0..<3 { planes.plane(c)[i] = Float(rgb[3 * i + c]) / 255 } }
    var low = [UInt16](repeating: 0, count: 3 * side * side)
    for c in 0..<3 {
      let plane = Array(UnsafeBufferPointer(start: planes.plane(c), count: large * large))
      for (i, value) in try kernel.degrade(plane, width: large, height: large, scale: scale).enumerated() {
        low[3 * i + c] = UInt16((min(max(value, 0), 1) * 65535).rounded())
      }
    }
    return (planes, Picture(width: side, height: side, samples: .bits16(low)))
  }

  private func noisy() -> (gaussian: BlurKernel, noisy: BlurKernel) {
    let covariance = BlurKernel.Covariance(xx: 2.5, xy: 0.8, yy: 1.6)
    var random = Philox(key: 5)
    let factors = (0..<121).map { _ in random.uniform(in: 0.6..<1.4) }
    let noisy = BlurKernel.anisotropicGaussian(covariance, noise: factors)
    return (.anisotropicGaussian(noisy.covariance), noisy)
  }

  /// With the true picture at hand the fit must find most of what the Gaussian lacks; it may not move its moments.
  @Test func `the difference to a noisy kernel is found where the large picture is known`() throws {
    let (gaussian, truth) = noisy()
    let (high, low) = try scene(truth)
    let difference = KernelFit(try WindowProducts(of: high, and: low, margin: 8)).difference(
      from: gaussian.values)
    let found = BlurKernel(side: 11, values: zip(gaussian.values, difference).map { $0 + $1 })
    #expect(try found.psnr(against: truth) > gaussian.psnr(against: truth) + 3)
    #expect(abs(found.sum - gaussian.sum) < 1e-9)
    // About the centre of (4.5, 4.5) that the fit keeps; the covariance's own centre is within 0.1 of it.
    #expect(found.covarianceDistance(to: gaussian) < 1e-6)
  }

  @Test func `nothing is found where the Gaussian is right`() throws {
    let gaussian = noisy().gaussian
    let (high, low) = try scene(gaussian)
    let difference = KernelFit(try WindowProducts(of: high, and: low, margin: 8)).difference(
      from: gaussian.values)
    // Only the 16-bit rounding of the picture is left to explain.
    #expect(difference.allSatisfy { abs($0) < 1e-4 })
  }

  @Test func `what is too small or has no network is left alone`() throws {
    #expect(KernelRefinement(try SuperResolver(weights: .closedForm)) == nil)
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
  func `a noisy kernel comes closer, small and noisy pictures are left alone`() throws {
    let weights = SharedData.reference("usrnet_tiny.safetensors").path
    let refinement = try #require(KernelRefinement(try SuperResolver(weights: .file(weights))))
    let (gaussian, truth) = noisy()
    let rival = BlurKernel.evenEllipse(gaussian.covariance)
    func refine(_ picture: Picture) throws -> KernelRefinement.Outcome? {
      try refinement.refine(gaussian, rival: rival, of: picture, scale: 2)
    }
    let outcome = try #require(try refine(try scene(truth).low))
    #expect(!outcome.isRival && outcome.fit.map { $0.share > 0 } == true)
    #expect(outcome.equivalentNoise < 3)
    #expect(try outcome.kernel.psnr(against: truth) > gaussian.psnr(against: truth))
    #expect(
      try refine(Picture(width: 47, height: 200, rgb: [UInt8](repeating: 9, count: 3 * 47 * 200))) == nil)
    var random = Philox(key: 9)
    let noise = (0..<3 * 128 * 128).map { _ in UInt8(random.uniform(in: 90..<120)) }
    #expect(try refine(Picture(width: 128, height: 128, rgb: noise)) == nil)
  }

  /// The shipped enlarger tells them apart as well, and leaves a camera's pictures alone.
  @Test(arguments: [2, 4])
  func `the shipped enlarger distinguishes a uniform ellipse from a Gaussian`(scale: Int) throws {
    let refinement = try #require(KernelRefinement(try SuperResolver()))
    func atScale(_ kernel: BlurKernel) throws -> BlurKernel { scale == 2 ? kernel : try kernel.x4() }
    let small = BlurKernel.evenEllipse(.init(xx: 2.5, xy: 0.5, yy: 2))
    let (even, gaussian) = (
      try atScale(small), try atScale(.anisotropicGaussian(.init(xx: 3.5, xy: 0.7, yy: 2.8)))
    )
    for (truth, isEven) in [(even, true), (gaussian, false)] {
      let picture = try scene(truth, side: 240 / scale, scale: scale).low
      let outcome = try #require(try refinement.refine(gaussian, rival: even, of: picture, scale: scale))
      #expect(outcome.isRival == isEven, "\(outcome.rivalRatio)")
    }
    var random = Philox(key: 12)
    let original = Picture(
      width: 512, height: 512, rgb: DeadLeaves.draw(width: 512, height: 512, using: &random))
    let photograph = try Camera(.photo).photograph(original, kernel: small, scale: 2, key: 3)
    #expect(try refinement.refine(gaussian, rival: even, of: photograph, scale: 2) == nil)
  }

  /// A picture out of focus and one blurred by a Gaussian whose spectrum looks the same: each must be explained by its own
  /// kernel, whichever was predicted, with some noise, too.
  @Test(
    .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)),
    arguments: [(2, 0), (2, 3), (4, 0)])
  func `a uniform ellipse is distinguished from a Gaussian`(scale: Int, noise: Int) throws {
    let weights = SharedData.reference("usrnet_tiny.safetensors").path
    let refinement = try #require(KernelRefinement(try SuperResolver(weights: .file(weights))))
    func atScale(_ kernel: BlurKernel) throws -> BlurKernel { scale == 2 ? kernel : try kernel.x4() }
    let even = try atScale(.evenEllipse(.init(xx: 2.5, xy: 0.5, yy: 2)))
    let gaussian = try atScale(.anisotropicGaussian(.init(xx: 3.5, xy: 0.7, yy: 2.8)))
    for (truth, isEven) in [(even, true), (gaussian, false)] {
      let picture = try scene(truth, side: 240 / scale, scale: scale).low.noisy(levels: noise)
      let outcome = try #require(try refinement.refine(gaussian, rival: even, of: picture, scale: scale))
      #expect(outcome.isRival == isEven, "\(outcome.rivalRatio)")
      #expect((outcome.fit == nil) == (scale == 4 || noise > 0))
      #expect(try outcome.kernel.psnr(against: truth) > 60)
    }
  }
}

extension Picture {
  /// With white noise of this deviation, nearly.
  fileprivate func noisy(levels: Int) -> Picture {
    guard case .bits16(let samples) = samples, levels > 0 else { return self }
    var random = Philox(key: 21)
    let amplitude = Double(levels * 257) * 3.squareRoot()
    let noisy = samples.map { sample in
      UInt16(min(max(Double(sample) + random.uniform(in: -amplitude..<amplitude), 0), 65535))
    }
    return Picture(width: width, height: height, samples: .bits16(noisy))
  }
}
