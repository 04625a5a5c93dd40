import Layers
import Numerics
import Testing

/// FKP's normalising flow: gradients against central differences, and both directions against each other.
@Suite("The coupling flow")
struct CouplingFlowTests {
  /// A flow that has seen a few batches, so that its running statistics are not the initial ones.
  static func flow(features: Int = 9, hidden: Int = 5, seed: UInt64 = 1) -> CouplingFlow {
    var flow = CouplingFlow(features: features, hidden: hidden, freshFrom: seed)
    var random = Philox(key: seed)
    for i in flow.parameters.indices { flow.parameters[i] += random.uniform(in: -0.3..<0.3) }
    for step in 0..<20 { _ = flow.trainingForward(batch(features, 13, seed: 100 + UInt64(step))) }
    return flow
  }

  static func batch(_ features: Int, _ count: Int, seed: UInt64) -> Columns {
    var random = Philox(key: seed)
    var x = Columns(rows: features, count: count)
    for sample in 0..<count { for row in 0..<features { x[row, sample] = random.uniform(in: -2..<3) } }
    return x
  }

  static func isClose(_ a: Double, _ b: Double, scale: Double = 1) -> Bool {
    abs(a - b) < 1e-6 * max(scale, abs(b))
  }

  /// The loss's gradient by every parameter, through the batch's own statistics.
  @Test(arguments: [1, 4, 9, 12])
  func `loss gradient`(features: Int) {
    let flow = Self.flow(features: max(features, 2))
    let x = Self.batch(flow.features, 7, seed: 5)
    func loss(_ flow: CouplingFlow) -> Double {
      var copy = flow
      return copy.trainingLoss(x).loss
    }
    var copy = flow
    let gradient = copy.trainingLoss(x).gradient
    for i in flow.parameters.indices {
      var (up, down) = (flow, flow)
      up.parameters[i] += 1e-5
      down.parameters[i] -= 1e-5
      let slope = (loss(up) - loss(down)) / 2e-5
      #expect(Self.isClose(gradient[i], slope), "\(i): \(gradient[i]) \(slope)")
    }
  }

  /// The gradient by x of any function of latent vector and determinant, by the running statistics.
  @Test func `forward gradient`() {
    let flow = Self.flow()
    let (x, weights) = (Self.batch(9, 3, seed: 6), Self.batch(9, 3, seed: 7))
    func value(_ x: Columns) -> Double {
      let pass = flow.forward(x)
      let determinants = pass.logDeterminants.reduce(0, +) * 0.7
      return determinants
        + (0..<3).reduce(0) { sum, sample in
          sum + zip(pass.latent.sample(sample), weights.sample(sample)).reduce(0) { $0 + $1.0 * $1.1 }
        }
    }
    let gradient = flow.backward(flow.forward(x), weights, byLogDeterminant: 0.7, gradient: nil)
    for row in 0..<9 {
      for sample in 0..<3 {
        #expect(Self.isClose(gradient[row, sample], Self.slope(at: x, row: row, sample: sample, value)))
      }
    }
  }

  /// The gradient by the latent vector, which methods descend along.
  @Test func `inverse gradient`() {
    let flow = Self.flow()
    let (latent, weights) = (Self.batch(9, 2, seed: 8), Self.batch(9, 2, seed: 9))
    func value(_ latent: Columns) -> Double {
      let result = flow.inverse(latent).result
      return (0..<2).reduce(0) { sum, sample in
        sum + zip(result.sample(sample), weights.sample(sample)).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    let gradient = flow.inverseBackward(flow.inverse(latent), weights)
    for row in 0..<9 {
      for sample in 0..<2 {
        #expect(Self.isClose(gradient[row, sample], Self.slope(at: latent, row: row, sample: sample, value)))
      }
    }
  }

  /// The central difference of a function by one entry of `x`.
  private static func slope(
    at x: Columns, row: Int, sample: Int, _ value: (Columns) -> Double
  ) -> Double {
    var (up, down) = (x, x)
    up[row, sample] += 1e-5
    down[row, sample] -= 1e-5
    return (value(up) - value(down)) / 2e-5
  }

  @Test(arguments: [2, 9, 121])
  func `round trips`(features: Int) {
    let flow = Self.flow(features: features)
    let x = Self.batch(features, 5, seed: 3)
    let back = flow.inverse(flow.forward(x).latent).result
    for sample in 0..<5 {
      for (a, b) in zip(back.sample(sample), x.sample(sample)) { #expect(abs(a - b) < 1e-9) }
    }
  }

  /// The logarithm of the determinant is the one of the Jacobian matrix that differences give.
  @Test func determinant() {
    let flow = Self.flow(features: 4)
    let x = Self.batch(4, 1, seed: 3)
    var jacobian = (0..<4).map { column in
      (0..<4).map { row in Self.slope(at: x, row: column, sample: 0) { flow.forward($0).latent[row, 0] } }
    }
    var logarithm = 0.0
    for pivot in 0..<4 {
      let best = (pivot..<4).max { abs(jacobian[$0][pivot]) < abs(jacobian[$1][pivot]) } ?? pivot
      jacobian.swapAt(pivot, best)
      logarithm += Elementary.logarithm(abs(jacobian[pivot][pivot]))
      for row in pivot + 1..<4 {
        let factor = jacobian[row][pivot] / jacobian[pivot][pivot]
        for column in 0..<4 { jacobian[row][column] -= factor * jacobian[pivot][column] }
      }
    }
    #expect(abs(logarithm - flow.forward(x).logDeterminants[0]) < 1e-6)
  }

  /// A sample's latent vector does not depend on its neighbours, whatever the number of columns.
  @Test func `samples are independent`() {
    let flow = Self.flow()
    let x = Self.batch(9, 6, seed: 4)
    let together = flow.forward(x)
    for sample in 0..<6 {
      let alone = flow.forward(Columns(x.sample(sample)))
      #expect(alone.latent.sample(0) == together.latent.sample(sample))
      #expect(alone.logDeterminants[0] == together.logDeterminants[sample])
    }
  }

  /// Masked inputs and outputs are left out: what FKP counts as 41 thousand parameters are 21 thousand.
  @Test func `parameters of scale 2`() {
    let flow = CouplingFlow(features: 121, hidden: 15)
    // The weights of both networks of a block, with 60 or 61 of 121 features on either side; then the batch norm's.
    let ends = (0..<5).reduce(0) { $0 + ($1 % 2 == 0 ? 60 * 15 + 61 * 16 : 61 * 15 + 60 * 16) }
    #expect(flow.parameters.count == 2 * (ends + 5 * (15 + 15 * 16)) + 5 * 242)
    #expect(flow.layout.entries.count == 5 * 14 && flow.statistics.count == 5 * 242)
  }
}
