import BlurKernels
import Estimation
import Imaging
import Testing

@Suite("DIP-FKP")
struct DIPFKPMethodTests {
  func estimate(
    _ steps: Int, _ picture: Picture = EstimatorTests.picture(24, 20), scale: Int = 2, seed: UInt64 = 0
  )
    throws -> Estimate
  {
    var options = MethodOptions()
    options.steps = steps
    return try DIPFKPMethod(options).estimate(
      picture, scale: scale, seed: seed, recording: [0, 1], onStep: { _ in })
  }

  /// Equal arguments, equal kernels and pictures; another seed, others. The kernel waits for the picture's first 75 steps.
  @Test func `same arguments same kernel`() throws {
    let one = try estimate(2)
    let same = try estimate(2)
    #expect(one.kernel == same.kernel && one.ownPicture?.samples == same.ownPicture?.samples)
    #expect(one.recorded[0] == one.kernel && one.recorded[1] == one.kernel)
    #expect(one.ownPicture?.width == 48 && one.ownPicture?.height == 40)
    let other = try estimate(2, seed: 1)
    #expect(other.kernel != one.kernel && other.ownPicture?.samples != one.ownPicture?.samples)
    #expect(one.start?.path == ShippedWeights.path(.flow))
  }

  /// From then on it moves, at both scales.
  @Test(arguments: [2, 4])
  func `the kernel moves`(scale: Int) throws {
    let picture = EstimatorTests.picture(24, 20)
    let (before, after) = (try estimate(75, picture, scale: scale), try estimate(77, picture, scale: scale))
    #expect(before.kernel == before.recorded[0] && after.kernel != before.kernel)
    #expect(after.kernel.side == (scale == 2 ? 11 : 21) && abs(after.kernel.sum - 1) < 0.2)
  }

  @Test func `what it refuses`() throws {
    let small = #expect(throws: EstimationError.self) { try estimate(1, EstimatorTests.picture(12, 40)) }
    #expect(
      small?.description.hasPrefix("the method dip-fkp needs pictures of at least 17x17 pixels") == true)
    var options = MethodOptions()
    (options.patches, options.crop) = (2, 64)
    let error = #expect(throws: EstimationError.self) { try DIPFKPMethod(options) }
    #expect(
      error?.description == "the method dip-fkp has no use for --patches; leave out what it cannot follow")
    options.patches = nil
    #expect(try DIPFKPMethod(options).steps == 1000)
  }
}
