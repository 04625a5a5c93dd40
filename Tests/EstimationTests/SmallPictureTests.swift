import Estimation
import Imaging
import Testing

/// No size of picture ends the program.
@Suite struct SmallPictureTests {
  @Test(arguments: [1, 2, 5, 6, 7, 8, 9, 15, 16, 20]) func `every small picture has a kernel`(width: Int)
    throws
  {
    var options = MethodOptions()
    options.steps = 0
    let method = try MetaKernelGANMethod(options)
    for height in [1, 6, 8, 13, 20] {
      let values = (0..<3 * width * height).map { (index: Int) -> UInt8 in UInt8(index * 91 % 256) }
      for isDeep in [false, true] {
        let picture = Picture(
          width: width, height: height,
          samples: isDeep ? .bits16(values.map { 257 * UInt16($0) }) : .bits8(values), isGrey: isDeep)
        for scale in [2, 4] {
          let found = try method.estimate(picture, scale: scale, seed: 0, recording: []) { _ in }
          #expect(abs(found.kernel.sum - 1) < 0.1)
          #expect(found.spread?.isConfident == false, "too small to tell")
        }
      }
    }
  }

  @Test(arguments: [1, 6, 20]) func `every small picture is adapted to`(width: Int) throws {
    var options = MethodOptions()
    (options.steps, options.mode) = (2, .paper)
    let method = try MetaKernelGANMethod(options)
    for height in [1, 8, 20] {
      let picture = Picture(
        width: width, height: height,
        rgb: (0..<3 * width * height).map { (index: Int) -> UInt8 in UInt8(index * 91 % 256) })
      let found = try method.estimate(picture, scale: 2, seed: 0, recording: []) { _ in }
      let isFinite = found.kernel.values.allSatisfy { $0.isFinite }
      #expect(isFinite)
    }
  }
}
