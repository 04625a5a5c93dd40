import BlurKernels
import Checkpoints
import Support
import Testing

@Suite struct BlurKernelDegradeTests {
  /// The formula as it stands, one output after the other.
  private func naive(_ kernel: BlurKernel, _ planes: [Float], width: Int, height: Int, scale: Int)
    -> [Float]
  {
    func turn(_ index: Int, _ count: Int) -> Int { (index % count + count) % count }
    let reach = kernel.side / 2
    let channels = planes.count / (width * height)
    var output: [Float] = []
    for channel in 0..<channels {
      for y in 0..<height / scale {
        for x in 0..<width / scale {
          var sum: Float = 0
          for a in 0..<kernel.side {
            for b in 0..<kernel.side {
              let row = turn(scale * y + a - reach, height)
              let column = turn(scale * x + b - reach, width)
              sum.addProduct(Float(kernel[a, b]), planes[(channel * height + row) * width + column])
            }
          }
          output.append(sum)
        }
      }
    }
    return output
  }

  /// Scale 4, a picture smaller than the kernel, an even side, scale 3 and 1.
  @Test(arguments: [
    (11, 24, 16, 2), (21, 32, 24, 4), (21, 8, 4, 4), (4, 6, 4, 2), (5, 9, 6, 3), (3, 5, 4, 1),
  ])
  func `equals the formula bit for bit`(side: Int, width: Int, height: Int, scale: Int) throws {
    var random = TestRandom(state: 4)
    let kernel = random.kernel(side: side)
    let planes = random.plane(3 * width * height)
    let output = try kernel.degrade(planes, width: width, height: height, scale: scale)
    #expect(output == naive(kernel, planes, width: width, height: height, scale: scale))
  }

  @Test func `a delta at the centre only subsamples`() throws {
    let planes = (0..<32).map { Float($0) }
    let output = try BlurKernel.delta(side: 11, row: 5, column: 5)
      .degrade(planes, width: 8, height: 4, scale: 2)
    #expect(output == [0, 2, 4, 6, 16, 18, 20, 22])
  }

  @Test func `a flat picture is scaled by the sum`() throws {
    let kernel = BlurKernel.anisotropicGaussian(lambda1: 2, lambda2: 1, theta: 0.3)
    let output = try kernel.degrade([Float](repeating: 0.5, count: 256), width: 16, height: 16, scale: 2)
    // 121 roundings below 1 to Float, 3e-8 each at most, and the kernel's own.
    #expect(output.allSatisfy { abs($0 - 0.5) < 2e-6 })
  }

  @Test func `transposing picture and kernel transposes the output`() throws {
    var random = TestRandom(state: 5)
    let (kernel, plane) = (random.kernel(side: 11), random.plane(16 * 16))
    func transposed(_ plane: [Float], _ side: Int) -> [Float] {
      (0..<side * side).map { plane[$0 % side * side + $0 / side] }
    }
    let output = try kernel.degrade(plane, width: 16, height: 16, scale: 2)
    let turned = try kernel.transposed().degrade(transposed(plane, 16), width: 16, height: 16, scale: 2)
    // Sums of 121 products in two orders, 2e-6 a step at most as they grow to about 32, mostly cancelling.
    #expect(largestDifference(transposed(turned, 8), output) <= 5e-5)
  }

  @Test func `degrading twice by 2 is nearly once by 4`() throws {
    var random = TestRandom(state: 6)
    let kernel = BlurKernel.anisotropicGaussian(lambda1: 1.2, lambda2: 0.7, theta: 0.5)
    let plane = random.plane(64 * 64)
    let half = try kernel.degrade(plane, width: 64, height: 64, scale: 2)
    let twice = try kernel.degrade(half, width: 32, height: 32, scale: 2)
    let once = try kernel.x4().degrade(plane, width: 64, height: 64, scale: 4)
    // The cut to 21x21 and the last shift cost 2e-5 here; an origin one pixel off would cost 0.04.
    #expect(largestDifference(twice, once) < 1e-3)
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absent)))
  func `the task's pictures agree with the reference`() throws {
    let golden = try SafeTensors(path: SharedData.reference("task_golden.safetensors").path)
    let bytes = try golden.bytes("augmented_u8")
    let values = try golden.doubles("kernel")
    try #require(bytes.count == 192 * 192 * 3 && values.count == 121)
    let kernel = BlurKernel(side: 11, values: values)
    let planes = (0..<3).flatMap { c in (0..<192 * 192).map { Float(bytes[3 * $0 + c]) / 255 } }
    let dad = try kernel.degrade(planes, width: 192, height: 192, scale: 2)
    let son = try kernel.degrade(dad, width: 96, height: 96, scale: 2)
    // PyTorch sums 121 floats below 1: a few 1e-7.
    #expect(try largestDifference(dad, golden.floats("lr_dad")) < 1e-6)
    #expect(try largestDifference(son, golden.floats("lr_son")) < 1e-6)
  }

  @Test func `an uneven picture is refused`() {
    let wanted = "cannot degrade a picture of 5x4 pixels by 2: crop both sides to multiples of 2 first"
    let kernel = BlurKernel.delta(side: 3, row: 1, column: 1)
    #expect { try kernel.degrade([Float](repeating: 0, count: 20), width: 5, height: 4, scale: 2) } throws: {
      "\($0)" == wanted
    }
  }
}
