import BlurKernels
import Testing

@Suite("Kernels brought to another side")
struct KernelFittingTests {
  /// A small blur centred as `fkp` kernels of scale 2 are, off by so much.
  private func kernel(side: Int, offset: Double = 0) -> BlurKernel {
    let centre = Double(side - 2) / 2 + offset
    return .gaussian(
      side: side, centre: (centre, centre), covariance: .init(xx: 0.7, xy: 0.1, yy: 0.5)
    ).normalised()
  }

  /// Whatever the side: sum, centre and shape are as they belong, and nothing is lost that matters. Even sides are moved by
  /// a spline, which widens a narrow blur a little.
  @Test(arguments: 9...31)
  func `any side`(side: Int) throws {
    let given = kernel(side: side)
    let fitted = try #require(given.fitted(toSide: 11, centre: 4.5))
    #expect(fitted.kernel.side == 11 && abs(fitted.kernel.sum - 1) < 1e-12)
    #expect(fitted.lost < 1e-3)
    let mass = fitted.kernel.centreOfMass
    #expect(abs(mass.x - 4.5) < 0.02 && abs(mass.y - 4.5) < 0.02, "\(mass)")
    let distance = fitted.kernel.covarianceDistance(to: kernel(side: 11))
    #expect(distance < (side.isMultiple(of: 2) ? 0.1 : 1e-3), "\(distance)")
  }

  /// Between odd sides values are copied: padding and cropping again gives the same numbers.
  @Test(arguments: [13, 15, 21, 27])
  func `whole pixels are exact`(side: Int) throws {
    let small = kernel(side: 11)
    let large = try #require(small.fitted(toSide: side, centre: Double(side - 2) / 2))
    #expect(large.lost == 0)
    let back = try #require(large.kernel.fitted(toSide: 11, centre: 4.5))
    for (one, other) in zip(back.kernel.values, small.values) { #expect(abs(one - other) < 1e-15) }
  }

  /// A kernel that another convention centres one or more pixels away comes to the same place.
  @Test(arguments: [-3.0, -1, 1, 2])
  func `whole pixel shifts are undone`(offset: Double) throws {
    let moved = try #require(kernel(side: 21, offset: offset).fitted(toSide: 11, centre: 4.5)).kernel
    let straight = try #require(kernel(side: 21).fitted(toSide: 11, centre: 4.5)).kernel
    for (one, other) in zip(moved.values, straight.values) { #expect(abs(one - other) < 1e-9) }
  }

  @Test func `what is cut off is told`() throws {
    let wide = BlurKernel(side: 21, values: [Double](repeating: 1.0 / 441, count: 441))
    let fitted = try #require(wide.fitted(toSide: 11, centre: 4.5))
    #expect(abs(fitted.lost - (1 - 121.0 / 441)) < 1e-12)
    #expect(fitted.kernel.values.allSatisfy { abs($0 - 1.0 / 121) < 1e-15 })
  }

  /// Two blobs with nothing between them: the window about their centre of mass is empty.
  @Test func `nothing left`() {
    var values = [Double](repeating: 0, count: 41 * 41)
    values[0] = 0.5
    values[41 * 41 - 1] = 0.5
    #expect(BlurKernel(side: 41, values: values).fitted(toSide: 11, centre: 4.5) == nil)
  }
}
