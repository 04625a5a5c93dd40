import BlurKernels
import Numerics
import Testing

@Suite("KernelGAN's cleaning of kernels")
struct KernelCleaningTests {
  static func gaussian(_ x: Double, _ y: Double) -> BlurKernel {
    .gaussian(side: 13, centre: (x, y), covariance: .init(xx: 2, xy: 0.5, yy: 1.5)).normalised()
  }

  @Test func `keeps the largest as they are`() throws {
    var random = Philox(key: 3)
    let values = (0..<169).map { _ in random.uniform(in: -1..<1) }
    let kept = try #require(BlurKernel(side: 13, values: values).keepingLargest(40))
    let limit = values.sorted(by: >)[39]
    #expect(kept.values == values.map { $0 >= limit ? $0 : 0 })
  }

  /// No negative value is kept for want of others, and of equal ones just so many.
  @Test func `keeps no more than there is`() throws {
    let few = BlurKernel(side: 13, values: (0..<169).map { $0 == 80 ? 2 : $0 == 90 ? 1 : -1 })
    #expect(try #require(few.keepingLargest(40)).values.filter { $0 != 0 } == [2, 1])
    let flat = BlurKernel(side: 13, values: [Double](repeating: 0.1, count: 169))
    #expect(try #require(flat.keepingLargest(40)).values.count { $0 != 0 } == 40)
  }

  /// A kernel centred where KernelGAN's are, at 6.5, loses its two first rows and columns and is not moved: the same
  /// blur as before, seen from our kernels' corner.
  @Test func `centred kernel is only cut`() throws {
    // Symmetric about (6.5, 6.5) with 36 values, all kept.
    let values = (0..<169).map { i in (4..<10).contains(i / 13) && (4..<10).contains(i % 13) ? 1.0 / 36 : 0 }
    let kernel = BlurKernel(side: 13, values: values)
    let cleaned = try #require(kernel.cleanedAsByKernelGAN())
    let cut = kernel.window(side: 11, from: 2)
    // Rounding of the spline that interpolates between pixels and is read at pixels.
    for (a, b) in zip(cleaned.values, cut.values) { #expect(abs(a - b) < 1e-14) }
  }

  /// From anywhere to centre of mass 4.5, with the sum 1; the shape stays, but for what is not kept (covariances within
  /// a third of a pixel).
  @Test(arguments: [(6.5, 6.5), (5.2, 7.4), (6.0, 6.0), (8.1, 5.0)])
  func centres(x: Double, y: Double) throws {
    let cleaned = try #require(Self.gaussian(x, y).cleanedAsByKernelGAN())
    #expect(cleaned.side == 11 && abs(cleaned.sum - 1) < 1e-12)
    // The tails that the window cuts move the centre of mass by less than a hundredth.
    #expect(abs(cleaned.centreOfMass.x - 4.5) < 0.01 && abs(cleaned.centreOfMass.y - 4.5) < 0.01)
    #expect(abs(cleaned.covariance.xx - 2) < 0.34 && abs(cleaned.covariance.yy - 1.5) < 0.34)
    #expect(abs(cleaned.covariance.xy - 0.5) < 0.2)
  }

  /// Nothing to keep, nothing finite, or nothing left in the window: no kernel, and no crash.
  @Test func `hopeless kernels give none or finite values`() {
    func kernel(_ value: (Int) -> Double) -> BlurKernel { BlurKernel(side: 13, values: (0..<169).map(value)) }
    #expect(kernel { _ in 0 }.cleanedAsByKernelGAN() == nil)
    #expect(kernel { _ in -1 }.cleanedAsByKernelGAN() == nil)
    #expect(kernel { $0 == 3 ? .nan : 1 }.cleanedAsByKernelGAN() == nil)
    #expect(kernel { $0 == 3 ? .infinity : 1 }.cleanedAsByKernelGAN() == nil)
    // Two far rows whose centre of mass lies between them, with a shift of one pixel out of the window.
    let torn = kernel { $0 == 6 ? 7 : $0 == 162 ? 5.98 : 0 }.cleanedAsByKernelGAN()
    #expect(torn?.values.allSatisfy(\.isFinite) ?? true)
  }
}
