import BlurKernels
import Numerics
import SuperResolution
import Testing

@Suite("Data step")
struct DataStepTests {
  struct Case: Sendable {
    let width: Int, height: Int, scale: Int, side: Int, alpha: Double
  }

  /// Odd and prime sizes, even and odd kernels, kernels larger than the enlarged picture, tiny alphas.
  static let cases = [
    Case(width: 8, height: 6, scale: 2, side: 11, alpha: 1e-2),
    Case(width: 7, height: 13, scale: 2, side: 5, alpha: 1),
    Case(width: 5, height: 9, scale: 3, side: 8, alpha: 1e-3),
    Case(width: 11, height: 4, scale: 4, side: 21, alpha: 1e-2),
    Case(width: 1, height: 3, scale: 2, side: 11, alpha: 0.1),
    Case(width: 17, height: 16, scale: 2, side: 3, alpha: 1e-5),
  ]

  /// The result is where the gradient of |y - H x|^2 + alpha |x - z|^2 vanishes, H being the benchmark's own degradation
  /// in the space of pixels, in double precision. What single precision leaves is some 1e-7 of values around 1; H
  /// transposed is at most 1.
  @Test(arguments: cases)
  func `minimises its energy`(_ size: Case) throws {
    var random = Philox(key: 7)
    let kernel = BlurKernel(
      side: size.side, values: (0..<size.side * size.side).map { _ in random.uniform() }
    ).normalised()
    let picture = Self.planes(width: size.width, height: size.height, &random)
    let start = Self.planes(width: size.scale * size.width, height: size.scale * size.height, &random)
    let result = Self.planes(width: start.width, height: start.height, &random)
    for channel in 0..<3 {
      result.plane(channel).update(from: start.plane(channel), count: start.width * start.height)
    }
    try DataStep(picture, kernel: kernel, scale: size.scale).run(result, alpha: Float(size.alpha))
    for channel in 0..<3 {
      let x = Self.values(result, channel)
      let blurred = Self.degraded(x, by: kernel, size)
      let residual = zip(blurred, Self.values(picture, channel)).map { $0 - $1 }
      let gradient = Self.transposed(residual, by: kernel, size)
      for (index, value) in zip(x, Self.values(start, channel)).enumerated() {
        #expect(abs(gradient[index] + size.alpha * (value.0 - value.1)) < 2e-6)
      }
    }
  }

  private static func planes(width: Int, height: Int, _ random: inout Philox) -> Planes {
    let planes = Planes(width: width, height: height)
    for channel in 0..<3 {
      for index in 0..<width * height { planes.plane(channel)[index] = Float(random.uniform()) }
    }
    return planes
  }

  private static func values(_ planes: Planes, _ channel: Int) -> [Double] {
    (0..<planes.width * planes.height).map { Double(planes.plane(channel)[$0]) }
  }

  private static func degraded(_ x: [Double], by kernel: BlurKernel, _ size: Case) -> [Double] {
    var y = [Double](repeating: 0, count: size.width * size.height)
    visit(by: kernel, size) { small, large, weight in y[small] += weight * x[large] }
    return y
  }

  private static func transposed(_ y: [Double], by kernel: BlurKernel, _ size: Case) -> [Double] {
    var x = [Double](repeating: 0, count: y.count * size.scale * size.scale)
    visit(by: kernel, size) { small, large, weight in x[large] += weight * y[small] }
    return x
  }

  /// out[y, x] = sum of k[a, b] in[(s y + a - side/2) mod H, (s x + b - side/2) mod W]
  private static func visit(
    by kernel: BlurKernel, _ size: Case, _ body: (_ small: Int, _ large: Int, _ weight: Double) -> Void
  ) {
    let (width, height) = (size.scale * size.width, size.scale * size.height)
    func wrapped(_ index: Int, _ count: Int) -> Int { (index % count + count) % count }
    for small in 0..<size.width * size.height {
      for a in 0..<size.side {
        for b in 0..<size.side {
          let row = wrapped(size.scale * (small / size.width) + a - size.side / 2, height)
          let column = wrapped(size.scale * (small % size.width) + b - size.side / 2, width)
          body(small, row * width + column, kernel[a, b])
        }
      }
    }
  }
}
