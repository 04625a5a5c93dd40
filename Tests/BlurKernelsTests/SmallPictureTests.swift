import BlurKernels
import Imaging
import Testing

/// No size of picture ends the program.
@Suite struct SmallPictureTests {
  @Test(arguments: [2, 4], [11, 21]) func `every small picture is degraded or refused`(scale: Int, side: Int)
    throws
  {
    let kernel = BlurKernel(side: side, values: .init(repeating: 1 / Double(side * side), count: side * side))
    for width in 1...20 {
      for height in 1...20 {
        let grey = Picture(
          width: width, height: height, rgb: [UInt8](repeating: 9, count: 3 * width * height))
        guard min(width, height) >= scale else {
          #expect(throws: DegradationError.self) { try kernel.degrade(grey, scale: scale) }
          continue
        }
        let low = try kernel.degrade(grey, scale: scale, noise: ImageNoise(deviation: 0.01, key: 1))
        #expect(low.width == width / scale && low.height == height / scale)
      }
    }
  }
}
