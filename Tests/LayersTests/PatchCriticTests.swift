import Layers
import Numerics
import Testing

/// The critic against its plain twin in double precision: values, first derivatives, and the second derivatives that the
/// gradient penalty needs.
@Suite("The patch critic")
struct PatchCriticTests {
  let critic: PatchCritic
  let patches: FloatBuffer, direction: FloatBuffer
  let twin: CriticTwin

  init() throws {
    critic = try PatchCritic(samples: 2, side: 13, key: 1)
    var random = Philox(key: 2)
    // Gains and shifts that are not all alike.
    let norms = critic.parameters.count - 256
    for i in norms..<critic.parameters.count {
      critic.parameters.pointer[i] += Float(random.uniform(in: -0.3..<0.3))
    }
    critic.prepare()
    patches = FloatBuffer(2 * 3 * 13 * 13)
    direction = FloatBuffer(patches.count)
    for i in 0..<patches.count {
      patches.pointer[i] = Float(random.uniform(in: -1..<1))
      direction.pointer[i] = Float(random.uniform(in: -1..<1))
    }
    twin = CriticTwin(critic)
  }

  private var plain: [Double] { patches.array.map(Double.init) }

  /// Some parameters of every layer and norm that have an effect.
  private static let chosen: [Int] = {
    let last = 1024 + 3 * 9216
    let weights = [
      0, 33, 26 * 32 + 31, 1024, 5000, 10_240, 15_000, 19_456, 25_001, last, last + 8, last + 31 * 32 + 4,
    ]
    return weights + (0..<8).map { last + 1024 + 32 * $0 + 5 }
  }()

  private func isClose(_ a: Float, _ b: Double, scale: Double) -> Bool {
    abs(Double(a) - b) < 2e-3 * max(scale, 1e-3)
  }

  @Test func `sums and gradients`() {
    #expect(abs(critic.forward(patches) - twin.sum(plain)) < 1e-4)
    let byPatches = FloatBuffer(patches.count)
    critic.gradient.clear()
    critic.backward(factor: 1, adding: true, patches: byPatches)
    let largest = Double(byPatches.array.map(abs).max() ?? 0)
    for i in stride(from: 0, to: patches.count, by: 37) {
      var (up, down) = (plain, plain)
      up[i] += 1e-5
      down[i] -= 1e-5
      let slope = (twin.sum(up) - twin.sum(down)) / 2e-5
      #expect(isClose(byPatches.pointer[i], slope, scale: largest), "patch \(i)")
    }
    let steepest = Self.chosen.map { Double(abs(critic.gradient.pointer[$0])) }.max() ?? 0
    for i in Self.chosen {
      let slope = Self.slope(of: twin, by: i) { $0.sum(plain) }
      #expect(isClose(critic.gradient.pointer[i], slope, scale: steepest), "parameter \(i)")
    }
  }

  /// The gradient by the parameters of the derivative along a direction, against mixed differences.
  @Test func `tangent gradient`() {
    critic.forward(patches)
    critic.gradient.clear()
    critic.addTangentGradient(direction)
    let along = direction.array.map(Double.init)
    func tangent(_ twin: CriticTwin) -> Double {
      let up = zip(plain, along).map { $0 + 1e-5 * $1 }
      let down = zip(plain, along).map { $0 - 1e-5 * $1 }
      return (twin.sum(up) - twin.sum(down)) / 2e-5
    }
    let steepest = Self.chosen.map { Double(abs(critic.gradient.pointer[$0])) }.max() ?? 0
    for i in Self.chosen {
      // Small steps, since the tangent jumps where a rectifier's input changes its sign.
      let slope = Self.slope(of: twin, by: i, step: 1e-6, tangent)
      #expect(
        isClose(critic.gradient.pointer[i], slope, scale: 5 * steepest),
        "parameter \(i): \(critic.gradient.pointer[i]) \(slope)")
    }
  }

  /// The central difference of a function of the twin by its parameter `i`.
  private static func slope(
    of twin: CriticTwin, by i: Int, step: Double = 1e-5, _ value: (CriticTwin) -> Double
  ) -> Double {
    var (up, down) = (twin, twin)
    up.parameters[i] += step
    down.parameters[i] -= step
    return (value(up) - value(down)) / (2 * step)
  }

  /// The penalty is the mean of (|g| - 1)^2, and its gradient the tangent's along g (|g| - 1) / |g|.
  @Test func `penalty is made of tangents`() {
    let (slope, count) = (FloatBuffer(patches.count), patches.count / 2)
    critic.forward(patches)
    critic.backward(factor: 1, adding: false, patches: slope)
    var expected = 0.0
    for sample in 0..<2 {
      let range = sample * count..<(sample + 1) * count
      let norm = range.reduce(0) { $0 + Double(slope.pointer[$1]) * Double(slope.pointer[$1]) }.squareRoot()
      expected += 0.1 * (norm - 1) * (norm - 1) / 2
      for i in range { slope.pointer[i] *= Float(0.1 * (norm - 1) / norm) }
    }
    critic.gradient.clear()
    critic.addTangentGradient(slope)
    let gradient = critic.gradient.array
    critic.gradient.clear()
    let penalty = critic.addPenalty(patches, weight: 0.1, direction: slope)
    #expect(abs(penalty - expected) < 1e-9 * expected)
    let largest = gradient.map(abs).max() ?? 0
    for (a, b) in zip(critic.gradient.array, gradient) { #expect(abs(a - b) < 1e-5 * largest) }
  }

  /// Weights that stand for nothing stay zero, whatever is added.
  @Test func `unused weights have no gradient`() {
    critic.gradient.clear()
    _ = critic.addPenalty(patches, weight: 0.1, direction: FloatBuffer(patches.count))
    critic.backward(factor: 1, adding: true, patches: nil)
    let last = 1024 + 3 * 9216
    for i in 0..<1024 {
      if i / 32 >= 27 { #expect(critic.gradient.pointer[i] == 0 && critic.parameters.pointer[i] == 0) }
      if i % 32 >= 9 {
        #expect(critic.gradient.pointer[last + i] == 0 && critic.parameters.pointer[last + i] == 0)
      }
    }
  }
}
