import Degradation
import Imaging
import SuperResolution
import Testing

@Suite("What is not enlarged")
struct RefusalTests {
  static let picture = Picture(width: 8, height: 6, rgb: [UInt8](repeating: 100, count: 3 * 48))
  static let point = BlurKernel(side: 1, values: [1])

  @Test(arguments: [
    (5, 0.0, point, "cannot enlarge by 5: use a scale of 2, 3 or 4"),
    (
      2, 256, point,
      "cannot enlarge with a noise level of 256.0: give its standard deviation as 0 to 255 levels"
    ),
    (
      2, .nan, point,
      "cannot enlarge with a noise level of nan: give its standard deviation as 0 to 255 levels"
    ),
    (
      2, 0, BlurKernel(side: 1, values: [-1]),
      "cannot enlarge with this kernel: its values sum to -1.0; give a blur kernel whose values sum to about 1"
    ),
    (
      2, 0, BlurKernel(side: 1, values: [.infinity]),
      "cannot enlarge with this kernel: some of its values are not finite; "
        + "give a blur kernel whose values sum to about 1"
    ),
  ])
  func argumentsOutOfRange(scale: Int, noise: Double, kernel: BlurKernel, text: String) throws {
    let resolver = try SuperResolver(weights: nil)
    let error = #expect(throws: SuperResolutionError.self) {
      try resolver.enlarge(Self.picture, kernel: kernel, scale: scale, noise: noise)
    }
    #expect(error?.description == text)
  }
}
