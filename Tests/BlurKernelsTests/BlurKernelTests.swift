import BlurKernels
import Foundation
import Numerics
import Testing

@Suite struct BlurKernelTests {
  /// 1 2 / 3 4, so that each value tells its place.
  let small = BlurKernel(side: 2, values: [1, 2, 3, 4])

  @Test func `symmetries move every value where they say`() {
    #expect(small.flippedColumns().values == [2, 1, 4, 3])
    #expect(small.flippedRows().values == [3, 4, 1, 2])
    #expect(small.transposed().values == [1, 3, 2, 4])
    #expect(small.rotated180() == small.flippedRows().flippedColumns())
    #expect(small[0, 1] == 2)
  }

  @Test func `centre of mass is column then row and divided by the sum`() {
    let centre = BlurKernel(side: 2, values: [0, 3, 0, 1]).centreOfMass
    #expect(centre.x == 1)
    #expect(centre.y == 0.25)
  }

  @Test func `covariance is not divided by the sum`() {
    // By hand, sum 10: sum x k = 6, sum y k = 7, sum x^2 k = 6, sum xy k = 4, sum y^2 k = 7; xx = 6 - 36, and so on.
    #expect(small.covariance == BlurKernel.Covariance(xx: -30, xy: -38, yy: -42))
  }

  @Test func `covariance of a known Gaussian is its own`() {
    let known = BlurKernel.Covariance(xx: 3, xy: -0.8, yy: 1.5)
    let measured = BlurKernel.gaussian(side: 41, centre: (19.7, 20.2), covariance: known).normalised()
      .covariance
    // Sampling a Gaussian of variance v errs by about exp(-2 pi^2 v), here 1e-9 at the narrowest direction
    // (v = 1.1); the tails beyond 20 pixels are below 1e-20; sums of x^2 k near 400 round to 1e-13.
    #expect(abs(measured.xx - 3) < 1e-8)
    #expect(abs(measured.xy + 0.8) < 1e-8)
    #expect(abs(measured.yy - 1.5) < 1e-8)
  }

  @Test(arguments: [0, 0.6, 0.9]) func `softening adds its variance and moves nothing`(deviation: Double) {
    let known = BlurKernel.Covariance(xx: 1.2, xy: -0.3, yy: 0.7)
    let kernel = BlurKernel.gaussian(side: 21, centre: (9.5, 10.2), covariance: known).normalised()
    let soft = kernel.softened(deviation: deviation)
    // Sampled at whole pixels, a Gaussian of variance v errs by about exp(-2 pi^2 v); seven taps cut a thousandth.
    #expect(abs(soft.sum - 1) < 1e-12)
    #expect(abs(soft.covariance.xx - 1.2 - deviation * deviation) < 0.02)
    #expect(abs(soft.covariance.xy + 0.3) < 1e-3)
    #expect(abs(soft.covariance.yy - 0.7 - deviation * deviation) < 0.02)
    let (was, moved) = (kernel.centreOfMass, soft.centreOfMass)
    #expect(abs(moved.x - was.x) < 1e-9 && abs(moved.y - was.y) < 1e-9)
  }

  @Test func `covariance distance counts the mixed moment twice`() {
    let flat = BlurKernel(side: 2, values: [0, 0, 0, 0])
    #expect(small.covarianceDistance(to: flat) == 148)  // 30 + 2 * 38 + 42
    #expect(small.covarianceDistance(to: small) == 0)
    #expect(flat.covarianceDistance(to: small) == small.covarianceDistance(to: flat))
  }

  @Test func `PSNR is infinite for equal kernels and else the formula`() throws {
    #expect(try small.psnr(against: small) == .infinity)
    let other = BlurKernel(side: 2, values: [1, 2, 3, 4.2])
    #expect(abs(try small.psnr(against: other) - 20) < 1e-12)  // mean squared difference 0.04 / 4
  }

  @Test func `PSNR refuses another side`() {
    let wanted = "cannot compare kernels by PSNR: the kernel is 2x2, expected 3x3"
    #expect { try small.psnr(against: .delta(side: 3, row: 1, column: 1)) } throws: { "\($0)" == wanted }
  }
}

@Suite struct ElementaryTests {
  @Test(arguments: [0, -1e-300, -0.3465, -0.3467, -1, -17.25, 0.5, 3, -300.1, -707, -744, -746, 700, 710])
  func `the exponential agrees with the C library's`(x: Double) {
    let (ours, theirs) = (Elementary.exponential(x), exp(x))
    // Two units in the last place, or one of the smallest subnormal.
    #expect(ours == theirs || abs(ours - theirs) <= max(2 * theirs.ulp, .leastNonzeroMagnitude))
  }

  @Test func `sine and cosine agree with the C library's`() {
    for step in -200...200 {
      let angle = 0.0937 * Double(step)
      let ours = Elementary.sineAndCosine(angle)
      #expect(abs(ours.sine - sin(angle)) < 1e-15)
      #expect(abs(ours.cosine - cos(angle)) < 1e-15)
    }
  }
}
