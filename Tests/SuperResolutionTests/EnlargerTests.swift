import BlurKernels
import Checkpoints
import Foundation
import Imaging
import Numerics
import SuperResolution
import Support
import Testing

@Suite("Enlarger")
struct EnlargerTests {
  static let kernel = BlurKernel.anisotropicGaussian(lambda1: 2, lambda2: 1, theta: 0.4)

  static func kernel(scale: Int) throws -> BlurKernel { scale == 2 ? kernel : try kernel.x4() }

  static func noisePicture(_ width: Int, _ height: Int) -> Picture {
    var random = Philox(key: 9)
    return Picture(
      width: width, height: height, rgb: (0..<3 * width * height).map { _ in UInt8(random.below(256)) })
  }

  /// The shipped weights in single precision with Winograd's convolutions and Fourier transforms, against plain sums and
  /// dense matrices in double precision. Sides below and beyond a tile of the convolutions and a run of tiles.
  @Test(arguments: [
    (width: 7, height: 6, scale: 2, noise: 0.0), (66, 1, 2, 6), (1, 5, 2, 20), (5, 6, 4, 0), (9, 4, 4, 12),
  ])
  func `agrees with plain double precision`(width: Int, height: Int, scale: Int, noise: Double) throws {
    let path = try #require(ShippedEnlarger.path(scale: scale))
    let kernel = try Self.kernel(scale: scale)
    let picture = Self.noisePicture(width, height)
    var map = NaivePrior.Map(channels: 3, height: height, width: width)
    for channel in 0..<3 {
      for row in 0..<height {
        for column in 0..<width { map[channel, row, column] = picture[row, column, channel] }
      }
    }
    let twin = NaiveEnlarger(file: try SafeTensors(path: path), kernel: kernel, scale: scale)
    let expected = try twin.run(map, noise: noise / 255)
    let planes = try SuperResolver().enlargedPlanes(picture, kernel: kernel, scale: scale, noise: noise)
    var worst = 0.0
    for channel in 0..<3 {
      for row in 0..<planes.height {
        for column in 0..<planes.width {
          let difference = Double(planes[channel, row, column]) - expected[channel, row, column]
          worst = max(worst, abs(difference))
        }
      }
    }
    print("\(width)x\(height), scale \(scale), noise \(noise): \(worst)")
    #expect(worst < 1e-4)
  }

  /// A kernel that lies one enlarged pixel further on gives the same picture one pixel further on, whatever grid training
  /// had: both sides of it, and back by the kernel's other neighbours.
  @Test(arguments: [2, 4])
  func `kernels may lie anywhere`(scale: Int) throws {
    let kernel = try Self.kernel(scale: scale)
    let picture = Self.noisePicture(12, 9)
    let resolver = try SuperResolver()
    let result = try resolver.enlargedPlanes(picture, kernel: kernel, scale: scale, noise: 5)
    for distance in [-2, 1, scale - 1, 7] {
      // window(side + 2 b, from: -b - d) lies d further on from the middle.
      let border = abs(distance)
      let moved = kernel.window(side: kernel.side + 2 * border, from: -border - distance)
      let other = try resolver.enlargedPlanes(picture, kernel: moved, scale: scale, noise: 5)
      var worst: Float = 0
      for row in 0..<result.height {
        for column in 0..<result.width {
          let (y, x) = (row + distance + result.height, column + distance + result.width)
          let there = other[1, y % result.height, x % result.width]
          worst = max(worst, abs(there - result[1, row, column]))
        }
      }
      #expect(worst < 1e-4, "\(distance) at scale \(scale)")
    }
  }

  /// Matrix products of the enlarger equal sequential fused multiply-adds, so that its convolutions have the same bytes
  /// on every machine. (The Fourier transforms are the library's own.)
  @Test func `every product is sequential`() throws {
    for scale in [2, 4] {
      _ = try SuperResolver().enlargedPlanes(
        Self.noisePicture(5, 5), kernel: Self.kernel, scale: scale, noise: 0)
    }
    let shapes = MatrixProduct.dispatched
    for (m, k) in [(64, 16), (64, 64), (16, 64), (48, 64)] {
      #expect(shapes.contains { $0.m == m && $0.k == k && $0.accumulating }, "\(m) x \(k)")
    }
    for shape in shapes where !shape.transposedB { #expect(try Self.mismatches(shape) == 0, "\(shape)") }
  }

  private static func mismatches(_ s: MatrixProduct.Shape) throws -> Int {
    var random = Philox(key: UInt64(s.m * 1_000_000 + s.n * 1000 + s.k))
    func matrix(_ count: Int) -> FloatBuffer {
      let buffer = FloatBuffer(count)
      for i in 0..<count { buffer.pointer[i] = Float(random.uniform(in: -1..<1)) }
      return buffer
    }
    let (a, b, c) = (matrix(s.lda * s.k), matrix(s.ldb * s.n), matrix(s.ldc * s.n))
    let before = c.array
    try MatrixProduct(s)(a.pointer, b.pointer, c.pointer)
    var mismatches = 0
    for j in 0..<s.n {
      for i in 0..<s.m {
        var sum: Float = s.accumulating ? before[j * s.ldc + i] : 0
        for l in 0..<s.k { sum.addProduct(a.pointer[l * s.lda + i], b.pointer[j * s.ldb + l]) }
        if sum != c.pointer[j * s.ldc + i] { mismatches += 1 }
      }
    }
    return mismatches
  }
}

/// Agreement with the PyTorch program's own run in double precision.
@Suite(
  "Enlarger's golden tensors", .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
struct EnlargerGoldenTests {
  @Test(arguments: ["x2.clean", "x2.noise", "x4.clean", "x4.noise"])
  func comic(name: String) throws {
    let golden = try SafeTensors(
      path: SharedData.root.appending(path: "enlarger/golden_f64.safetensors").path)
    let scale = name.hasPrefix("x2") ? 2 : 4
    let shape = try golden.tensor("x\(scale).picture").shape
    let area = shape[1] * shape[2]
    let samples = try golden.doubles("x\(scale).picture").map { UInt8(($0 * 255).rounded()) }
    let rgb = (0..<3 * area).map { samples[$0 % 3 * area + $0 / 3] }
    let picture = Picture(width: shape[2], height: shape[1], rgb: rgb)
    let values = try golden.doubles("x\(scale).kernel")
    let kernel = BlurKernel(side: Int(Double(values.count).squareRoot()), values: values)
    let noise = try golden.doubles("\(name).sigma")[0]
    let path = try #require(ShippedEnlarger.path(scale: scale))
    let weights = try EnlargerWeights(path: path, scale: scale)
    for (stage, number) in zip(weights.stages, 1...) {
      let alpha = try golden.doubles("\(name).alpha\(number)")[0]
      #expect(abs(stage.alpha.value(noise: noise) / alpha - 1) < 1e-9)
    }
    let planes = try SuperResolver().enlargedPlanes(
      picture, kernel: kernel, scale: scale, noise: 255 * noise)
    var worst = 0.0
    for (index, value) in try golden.doubles("\(name).x2").enumerated() {
      let (channel, place) = (index / (area * scale * scale), index % (area * scale * scale))
      worst = max(worst, abs(Double(planes.plane(channel)[place]) - value))
    }
    print("\(name): largest difference \(worst)")
    #expect(worst < 1e-4)
  }
}
