import Foresight
import Networks
import Numerics
import Testing

/// What "the same bytes on every machine" rests on.
@Suite("Exactness")
struct ExactnessTests {
  /// Every matrix product the networks ask libxsmm for equals sequential fused multiply-adds, bit for bit, on this
  /// run's instruction set (`make test` runs this suite once for each).
  @Test func everyProductIsSequential() throws {
    _ = try AdaptationStep(.paper)
    _ = try AdaptationStep(.paper, patches: 4)
    _ = try AdaptationStep(Architecture(generatorKernels: [7, 5, 3, 1, 1, 1], patchSide: 26))
    _ = try PowerSpectrum()
    _ = try PredictionNetwork()
    let shapes = MatrixProduct.dispatched
    #expect(shapes.count > 20)
    for shape in shapes {
      #expect(try Self.mismatches(shape) == 0, "\(shape)")
    }
  }

  static func mismatches(_ s: MatrixProduct.Shape) throws -> Int {
    let product = try MatrixProduct(s)
    var random = Philox(key: UInt64(s.m * 1_000_000 + s.n * 1000 + s.k))
    func matrix(_ count: Int) -> FloatBuffer {
      let buffer = FloatBuffer(count)
      for i in 0..<count { buffer.pointer[i] = Float(random.uniform(in: -1..<1)) }
      return buffer
    }
    let a = matrix(s.lda * s.k)
    let b = matrix(s.ldb * (s.transposedB ? s.k : s.n))
    let c = matrix(s.ldc * s.n)
    let before = c.array
    product(a.pointer, b.pointer, c.pointer)
    var mismatches = 0
    for j in 0..<s.n {
      for i in 0..<s.m {
        var sum: Float = s.accumulating ? before[j * s.ldc + i] : 0
        for q in 0..<s.k {
          sum.addProduct(a.pointer[q * s.lda + i], b.pointer[s.transposedB ? q * s.ldb + j : j * s.ldb + q])
        }
        if sum.bitPattern != c.pointer[j * s.ldc + i].bitPattern { mismatches += 1 }
      }
    }
    return mismatches
  }

  /// Steps in a workspace used before give the same bytes as in a new one: nothing leaks from one picture to the next.
  @Test func workspacesCarryNothingOver() throws {
    let (twin, input) = RandomNetworks.make(kernels: [7, 3, 3, 1, 1, 1], side: 32, patches: 1, key: 8)
    let fresh = try TunedRun(twin, input)
    _ = fresh.step.run(fresh.state, .paper)

    let used = try TunedRun(twin, input)
    let elsewhere = NetworkState(.paper, freshFrom: 99)
    used.step.prepare(elsewhere)
    for _ in 0..<3 { _ = used.step.run(elsewhere, .paper) }
    used.step.prepare(used.state)
    _ = used.step.run(used.state, .paper)
    #expect(used.state.values.map(\.bitPattern) == fresh.state.values.map(\.bitPattern))
  }
}
