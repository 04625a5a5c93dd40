import Foresight
import Networks
import Numerics
import Testing

/// What "the same bytes on every machine" rests on.
@Suite("Exactness")
struct ExactnessTests {
  /// Every matrix product the networks ask libxsmm for equals sequential fused multiply-adds, bit for bit, on this
  /// run's instruction set (`make test` runs this suite once for each).
  @Test func `every product is sequential`() throws {
    _ = try AdaptationStep(.paper)
    _ = try AdaptationStep(.paper, patches: 4)
    _ = try AdaptationStep(Architecture(generatorKernels: [7, 5, 3, 1, 1, 1], patchSide: 26))
    _ = try PowerSpectrum()
    _ = try PredictionNetwork()
    let shapes = MatrixProduct.dispatched
    #expect(shapes.count > 20)
    for shape in shapes {
      #expect(try MatrixProduct.mismatches(shape) == 0, "\(shape)")
    }
  }

  /// Steps in a workspace used before give the same bytes as in a new one: nothing leaks from one picture to the next.
  @Test func `workspaces carry nothing over`() throws {
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
