import BlurKernels
import Checkpoints
import Support
import Testing

@Suite struct BlurKernelShiftTests {
  struct Known: Sendable {
    let side: Int
    let input: [Double]
    let x, y: Double
    let output: [Double]
  }

  /// scipy.ndimage.shift(input, (y, x), order=3, mode='constant', cval=0), SciPy 1.17.1.
  static let known = [
    Known(
      side: 4, input: [1, 2, 0, -1, 3, 8, 5, 0, 2, 6, 9, 4, 0, 1, 3, 7], x: 0.3, y: -0.7,
      output: [
        0, 4.98941144, 4.39726508, -0.20308596, 0, 5.68363788, 9.97001616, 3.69069508,
        0, 1.07003404, 3.22020228, 6.29102464, 0, 0, 0, 0,
      ]),
    Known(
      side: 3, input: [0, 1, 0, 2, 9, 4, 0, 3, 1], x: -1.25, y: 0.5,
      output: [0, 0, 0, 4.4539794921875, 0, 0, 5.7940673828125, 0, 0]),
    Known(side: 2, input: [1, 2, 3, 5], x: 0.5, y: 0, output: [0, 1.5, 0, 4]),
    Known(side: 1, input: [3], x: 0, y: 0, output: [3]),
    Known(side: 1, input: [3], x: 0.25, y: 0, output: [0]),
  ]

  @Test(arguments: known) func `the shift equals SciPy's`(case known: Known) {
    let shifted = BlurKernel(side: known.side, values: known.input).shifted(by: (known.x, known.y))
    // A few roundings of values below 16.
    #expect(largestDifference(shifted.values, known.output) < 1e-13)
    #expect(zip(shifted.values, known.output).allSatisfy { $1 != 0 || $0 == 0 }, "outside is exactly zero")
  }

  @Test func `whole shifts move a delta`() {
    let moved = BlurKernel.delta(side: 7, row: 3, column: 2).shifted(by: (x: 2, y: -1))
    #expect(largestDifference(moved.values, BlurKernel.delta(side: 7, row: 2, column: 4).values) < 1e-15)
  }

  @Test func `shift commutes with symmetries`() {
    var random = TestRandom(state: 1)
    let kernel = random.kernel(side: 9)
    let shifted = kernel.shifted(by: (x: 0.4, y: -1.3))
    // The spline's recursion runs one way and then the other, so mirrored sums round differently.
    let mirrored = kernel.flippedColumns().shifted(by: (x: -0.4, y: -1.3)).flippedColumns()
    #expect(largestDifference(shifted.values, mirrored.values) < 1e-14)
    let exchanged = kernel.transposed().shifted(by: (x: -1.3, y: 0.4)).transposed()
    #expect(largestDifference(shifted.values, exchanged.values) < 1e-14)
  }

  @Test func `centring reaches its position and keeps the sum`() {
    let covariance = BlurKernel.Covariance(xx: 1.5, xy: 0.2, yy: 1)
    let kernel = BlurKernel.gaussian(side: 21, centre: (10.6, 9.3), covariance: covariance)
    let centred = kernel.centred(at: 9.75)
    // B-splines keep zeroth and first moments. What is lost is what the border mirrors and cuts: the spline's
    // coefficients fall by 0.268 a pixel, and the border is nine pixels away.
    #expect(abs(centred.sum - kernel.sum) < 1e-5)
    #expect(abs(centred.centreOfMass.x - 9.75) < 1e-5)
    #expect(abs(centred.centreOfMass.y - 9.75) < 1e-5)
  }
}

@Suite struct BlurKernelGaussianTests {
  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
  func `draws agree with the reference`() throws {
    let golden = try SafeTensors(path: SharedData.reference("kernels_golden.safetensors").path)
    let draws = try golden.doubles("lambda1_lambda2_theta")
    let x2 = try golden.doubles("kernel_x2")
    let x4 = try golden.doubles("kernel_x4")
    let covariances = try golden.doubles("covariance_x2")
    try #require(draws.count == 48 && x2.count == 16 * 121 && x4.count == 16 * 441)
    for draw in 0..<16 {
      let kernel = BlurKernel.anisotropicGaussian(
        lambda1: draws[3 * draw], lambda2: draws[3 * draw + 1], theta: draws[3 * draw + 2])
      // Both sides compute in double: 1e-12 would do, 1e-9 is the project's bound.
      #expect(largestDifference(kernel.values, Array(x2[121 * draw..<121 * (draw + 1)])) < 1e-9)
      #expect(largestDifference(try kernel.x4().values, Array(x4[441 * draw..<441 * (draw + 1)])) < 1e-9)
      let c = kernel.covariance
      #expect(
        largestDifference([c.xx, c.xy, c.xy, c.yy], Array(covariances[4 * draw..<4 * draw + 4])) < 1e-9)
    }
  }

  @Test func `theta turns from x towards y`() {
    let along = BlurKernel.anisotropicGaussian(lambda1: 4, lambda2: 0.5, theta: 0).covariance
    #expect(along.xx > 2 * along.yy)
    let diagonal = BlurKernel.anisotropicGaussian(lambda1: 4, lambda2: 0.5, theta: .pi / 4).covariance
    #expect(diagonal.xy > 0.5)
  }

  @Test func `noise multiplies before the shift`() {
    var random = TestRandom(state: 2)
    let ones = [Double](repeating: 1, count: 121)
    let clean = BlurKernel.anisotropicGaussian(lambda1: 2, lambda2: 1, theta: 1)
    #expect(clean == .anisotropicGaussian(lambda1: 2, lambda2: 1, theta: 1, noise: ones))
    let noise = ones.map { $0 + .random(in: -0.4...0.4, using: &random) }
    let noisy = BlurKernel.anisotropicGaussian(lambda1: 2, lambda2: 1, theta: 1, noise: noise)
    #expect(noisy != clean)
    // Centred in spite of the noise; the tails that the shift cuts off weigh a few thousandths.
    #expect(abs(noisy.centreOfMass.x - 4.5) < 0.01)
    #expect(abs(noisy.sum - 1) < 1e-14)
  }

  @Test func `kernels of scale 4 sum to nearly one`() throws {
    var random = TestRandom(state: 3)
    for _ in 0..<50 {
      let kernel = BlurKernel.anisotropicGaussian(
        lambda1: .random(in: 0.35...5, using: &random), lambda2: .random(in: 0.35...5, using: &random),
        theta: .random(in: 0...Double.pi, using: &random))
      let wide = try kernel.x4()
      #expect(wide.side == 21)
      #expect(0.98...1.0001 ~= wide.sum)
    }
  }

  @Test func `scale 4 is derived from 11x11 only`() {
    let wanted = "cannot derive a kernel of scale 4: the kernel is 21x21, expected 11x11"
    #expect { try BlurKernel.delta(side: 21, row: 8, column: 8).x4() } throws: { "\($0)" == wanted }
  }
}
