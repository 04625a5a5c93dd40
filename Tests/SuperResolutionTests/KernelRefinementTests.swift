import Degradation
import Foundation
import Imaging
import Numerics
import SuperResolution
import Support
import Testing

@Suite struct KernelRefinementTests {
  /// A picture whose blur is known exactly: drawn dead leaves, blurred by `kernel` and shrunk by 2.
  private func scene(_ kernel: BlurKernel, side: Int = 160) -> (high: Planes, low: Picture) {
    var random = Philox(key: 11)
    let rgb = DeadLeaves.draw(width: 2 * side, height: 2 * side, using: &random)
    let planes = Planes(width: 2 * side, height: 2 * side)
    for i in 0..<4 * side * side { for c in 0..<3 { planes.plane(c)[i] = Float(rgb[3 * i + c]) / 255 } }
    var low = [UInt16](repeating: 0, count: 3 * side * side)
    for c in 0..<3 {
      for y in 0..<side {
        for x in 0..<side {
          var sum = 0.0
          for a in 0..<11 {
            for b in 0..<11 {
              let row = (2 * y + a - 5 + 2 * side) % (2 * side)
              let column = (2 * x + b - 5 + 2 * side) % (2 * side)
              sum += kernel[a, b] * Double(planes[c, row, column])
            }
          }
          low[3 * (y * side + x) + c] = UInt16((min(max(sum, 0), 1) * 65535).rounded())
        }
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
    let (high, low) = scene(truth)
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
    let (high, low) = scene(gaussian)
    let difference = KernelFit(try WindowProducts(of: high, and: low, margin: 8)).difference(
      from: gaussian.values)
    // Only the 16-bit rounding of the picture is left to explain.
    #expect(difference.allSatisfy { abs($0) < 1e-4 })
  }

  @Test func `what is too small or has no network is left alone`() throws {
    #expect(KernelRefinement(try SuperResolver(weights: nil)) == nil)
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
  func `a noisy kernel comes closer, small and noisy pictures are left alone`() throws {
    let weights = SharedData.reference("usrnet_tiny.safetensors").path
    let refinement = try #require(KernelRefinement(try SuperResolver(weights: weights)))
    let (gaussian, truth) = noisy()
    let outcome = try #require(try refinement.refine(gaussian, of: scene(truth).low))
    #expect(outcome.share > 0)
    #expect(outcome.equivalentNoise < 3)
    #expect(try outcome.kernel.psnr(against: truth) > gaussian.psnr(against: truth))
    let small = Picture(width: 63, height: 200, rgb: [UInt8](repeating: 9, count: 3 * 63 * 200))
    #expect(try refinement.refine(gaussian, of: small) == nil)
    var random = Philox(key: 9)
    let noise = (0..<3 * 128 * 128).map { _ in UInt8(random.uniform(in: 90..<120)) }
    #expect(try refinement.refine(gaussian, of: Picture(width: 128, height: 128, rgb: noise)) == nil)
  }
}
