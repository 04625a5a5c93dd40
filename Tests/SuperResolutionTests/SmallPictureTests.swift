import BlurKernels
import Imaging
import SuperResolution
import Testing

/// No size of picture ends the program.
@Suite struct SmallPictureTests {
  private func picture(_ width: Int, _ height: Int, isDeep: Bool) -> Picture {
    let values = (0..<3 * width * height).map { (index: Int) -> UInt8 in UInt8(index * 37 % 256) }
    return Picture(
      width: width, height: height,
      samples: isDeep ? .bits16(values.map { 257 * UInt16($0) }) : .bits8(values), isGrey: isDeep)
  }

  @Test(arguments: 1...20) func `every small picture is enlarged`(width: Int) throws {
    let resolver = try SuperResolver(weights: .closedForm)
    let kernels = [
      2: BlurKernel(side: 11, values: .init(repeating: 1.0 / 121, count: 121)),
      4: BlurKernel(side: 21, values: .init(repeating: 1.0 / 441, count: 441)),
    ]
    for height in 1...20 {
      let picture = picture(width, height, isDeep: height % 2 == 0)
      for (scale, kernel) in kernels {
        for border in [SuperResolver.Border.repeating, .continued] {
          let large = try resolver.enlarge(picture, kernel: kernel, scale: scale, noise: 3, border: border)
          #expect(large.size == picture.size.enlarged(by: scale))
        }
      }
    }
  }

  @Test(arguments: [1, 2, 7, 20]) func `every small picture is enlarged by the shipped weights`(width: Int)
    throws
  {
    let resolver = try SuperResolver()
    let kernel = BlurKernel(side: 11, values: [Double](repeating: 1.0 / 121, count: 121))
    for height in [1, 3, 8, 20] {
      let picture = picture(width, height, isDeep: height == 3)
      for border in [SuperResolver.Border.repeating, .continued] {
        let large = try resolver.enlarge(picture, kernel: kernel, scale: 2, noise: 3, border: border)
        #expect(large.size == picture.size.enlarged(by: 2))
      }
    }
  }

  /// One row of 700,000 pixels is within a tile's pixels, but framed it would be 19 times as many.
  @Test func `thin pictures are cut by what their frame takes`() {
    let thin = Picture(width: 700_000, height: 1, rgb: [UInt8](repeating: 0, count: 2_100_000))
    let tiles = Tiling(thin, scale: 2, pixels: 3_000_000, border: .continued).tiles
    #expect(tiles.count > 100 && tiles.reduce(0) { $0 + $1.columns.count } == 700_000)
    let square = Picture(width: 860, height: 860, rgb: [UInt8](repeating: 0, count: 3 * 860 * 860))
    #expect(Tiling(square, scale: 2, pixels: 3_000_000, border: .continued).tiles.count == 1)
  }
}
