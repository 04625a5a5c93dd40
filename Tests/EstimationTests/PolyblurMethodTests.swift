import BlurKernels
import Estimation
import Foundation
import Imaging
import Support
import Testing

@Suite("Polyblur's closed form")
struct PolyblurMethodTests {
  func estimate(
    _ picture: Picture, scale: Int = 2, seed: UInt64 = 0, recording: [Int] = []
  ) throws -> Estimate {
    try PolyblurMethod(MethodOptions()).estimate(
      picture, scale: scale, seed: seed, recording: recording, onStep: { _ in })
  }

  /// A disk of radius 22 in the middle, its edge blurred by a Gaussian of this standard deviation, stretched along an axis at
  /// `angle` by `stretch` (and its blur with it).
  static func disk(deviation: Double, stretch: Double = 1, angle: Double = 0, size: Int = 96) -> Picture {
    let rgb = (0..<size * size).flatMap { index -> [UInt8] in
      let (x, y) = (Double(index % size) - 47.3, Double(index / size) - 48.1)
      let along = (x * cos(angle) + y * sin(angle)) / stretch
      let across = -x * sin(angle) + y * cos(angle)
      let radius = (along * along + across * across).squareRoot()
      let value = 0.5 * erfc((radius - 22) / (deviation * 2.0.squareRoot()))
      return [UInt8](repeating: UInt8((value * 255).rounded()), count: 3)
    }
    return Picture(width: size, height: size, rgb: rgb)
  }

  /// Nothing is random, and no step is made.
  @Test func `same arguments same kernel`() throws {
    let picture = EstimatorTests.picture(90, 80)
    let found = try estimate(picture, recording: [0])
    #expect(try estimate(picture).kernel == found.kernel && estimate(picture, seed: 1).kernel == found.kernel)
    #expect(found.recorded == [0: found.kernel] && found.losses.isEmpty)
    #expect(try estimate(EstimatorTests.picture(80, 90)).kernel != found.kernel)
  }

  /// The usual sides, centres and sums of one, and pictures of any size.
  @Test(arguments: [(90, 80), (20, 33), (5, 3), (2, 1)])
  func `kernels are as other methods give them`(width: Int, height: Int) throws {
    let values = (0..<width * height).flatMap { [UInt8](repeating: UInt8($0 * 37 % 256), count: 3) }
    let picture = Picture(width: width, height: height, rgb: values)
    for (scale, side, centre) in [(2, 11, 4.5), (4, 21, 8.5)] {
      let kernel = try estimate(picture, scale: scale).kernel
      #expect(kernel.side == side && abs(kernel.sum - 1) < 1e-12)
      #expect(kernel.values.allSatisfy { $0.isFinite })
      let mass = kernel.centreOfMass
      #expect(abs(mass.x - centre) < 0.3 && abs(mass.y - centre) < 0.3, "\(mass)")
    }
  }

  /// The strongest edge of a step blurred by s is 1 / (s sqrt(2 pi)), so the formula gives .362^2 2 pi s^2 - .464^2 in pixels of
  /// the low resolution: four times that on the original's grid at scale 2, sixteen times at scale 4.
  @Test(arguments: [0.85, 1.0, 1.1])
  func `width of a blurred edge`(deviation: Double) throws {
    let expected = 0.362 * 0.362 * 2 * Double.pi * deviation * deviation - 0.464 * 0.464
    for (scale, factor) in [(2, 4.0), (4, 16.0)] {
      let covariance = try estimate(Self.disk(deviation: deviation), scale: scale).kernel.covariance
      for variance in [covariance.xx, covariance.yy] {
        #expect(abs(variance / factor / expected - 1) < 0.15, "\(variance / factor) for \(expected)")
      }
      #expect(abs(covariance.xy) < 0.06 * covariance.xx)
    }
  }

  /// A blur that is wider along an axis gives a kernel that is wider along the same axis, whatever its direction.
  @Test(arguments: [0.0, 0.4, 0.785, 1.2, 1.571, 2.2, 2.8])
  func direction(angle: Double) throws {
    let covariance = try estimate(Self.disk(deviation: 0.8, stretch: 1.5, angle: angle)).kernel.covariance
    let found = 0.5 * atan2(2 * covariance.xy, covariance.xx - covariance.yy)
    let difference = (found - angle).remainder(dividingBy: .pi)
    #expect(abs(difference) < 0.18, "\(found) for \(angle)")
  }

  /// Brightness and contrast say nothing of blur.
  @Test func `contrast changes nothing`() throws {
    let picture = Self.disk(deviation: 1)
    let weak = picture.rgb8.map { UInt8(60 + Double($0) * 100 / 255) }
    let (one, other) = (
      try estimate(picture).kernel, try estimate(Picture(width: 96, height: 96, rgb: weak)).kernel
    )
    #expect(one.covarianceDistance(to: other) < 0.5)
  }

  @Test func `pictures that show nothing`() {
    let grey = Picture(width: 30, height: 30, rgb: [UInt8](repeating: 90, count: 2700))
    let error = #expect(throws: EstimationError.self) { try estimate(grey) }
    #expect(
      error?.description
        == "the picture has one value everywhere, and an estimate needs edges; give it a picture that shows something"
    )
  }

  @Test func `options it cannot follow`() throws {
    var options = MethodOptions()
    options.steps = 0
    #expect(try PolyblurMethod(options).steps == 0 && PolyblurMethod(options).checkpoint == nil)
    (options.steps, options.mode, options.normalised) = (5, .best, true)
    let error = #expect(throws: EstimationError.self) { try PolyblurMethod(options) }
    #expect(
      error?.description
        == "the method polyblur has no use for --mode, --steps, --normalise; leave out what it cannot follow")
  }
}
