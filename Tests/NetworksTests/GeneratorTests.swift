import NaiveTwin
import Networks
import Numerics
import Testing

@Suite("The generator is its collapsed kernel")
struct GeneratorTests {
  /// Six layers one after the other against one kernel, in double precision: the same up to rounding.
  @Test(arguments: [[7, 3, 3, 1, 1, 1], [7, 5, 3, 1, 1, 1]])
  func `collapsed equals layered`(kernels: [Int]) throws {
    let (twin, input) = RandomNetworks.make(kernels: kernels, side: 8, patches: 1, key: 3)
    let n = twin.inputSide
    let plane = Array(input.regions[0..<n * n])
    let layered = twin.layered(plane, side: n)
    let collapsed = twin.generate(plane, kernel: twin.kernel)
    #expect(relativeError(collapsed, layered) < 1e-12)
  }

  /// A picture that is one bright pixel comes out as the kernel's values at every second place: not flipped, not moved.
  @Test func `delta shows the kernel`() throws {
    let (twin, _) = RandomNetworks.make(kernels: [7, 3, 3, 1, 1, 1], side: 8, patches: 1, key: 4)
    let n = twin.inputSide
    let k = twin.kernel
    for (row, column) in [(12, 13), (11, 10)] {
      var plane = [Double](repeating: 0, count: n * n)
      plane[row * n + column] = 1
      let out = twin.generate(plane, kernel: k)
      for y in 0..<8 {
        for x in 0..<8 {
          let (a, b) = (row - 2 * y, column - 2 * x)
          let expected = (0..<11).contains(a) && (0..<11).contains(b) ? k[a * 11 + b] : 0
          #expect(out[y * 8 + x] == expected)
        }
      }
    }
  }

  /// A flat picture keeps its level times the kernel's sum, which is what the sum-to-one term looks at.
  @Test func `flat picture keeps its level`() throws {
    let (twin, _) = RandomNetworks.make(kernels: [7, 3, 3, 1, 1, 1], side: 8, patches: 1, key: 5)
    let out = twin.generate(
      [Double](repeating: 0.25, count: twin.inputSide * twin.inputSide), kernel: twin.kernel)
    let sum = twin.kernel.reduce(0, +)
    for value in out { #expect(abs(value - 0.25 * sum) < 1e-12) }
  }

  /// The parameter counts and the work of a step that the paper's networks have.
  @Test func `paper architecture`() {
    let paper = Architecture.paper
    #expect(paper.kernelSide == 11)
    #expect(paper.mapSide == 26)
    #expect(paper.generatorCount == 85_120)
    #expect(paper.trainedCount - paper.generatorCount == 30_977)
    #expect(paper.nominalOperationsPerStep == 298_521_600)
    #expect(Architecture(generatorKernels: [7, 5, 3, 1, 1, 1], patchSide: 26).kernelSide == 13)
  }
}
