import Layers
import Numerics

/// A latent vector that Adam moves, brought back to the sphere of norm side - 1 after every step: there lie nearly all
/// normal vectors, and every one of it decodes to a plausible kernel.
struct SphericalLatent {
  private(set) var values: [Double]
  private let radius: Double
  private var adam: DoubleAdam

  /// From unit normal numbers; not on the sphere before the first step, as in FKP.
  init(_ flow: KernelFlow, key: UInt64, beta1: Double = 0.9) throws(NumericsError) {
    let count = flow.side * flow.side
    let numbers = FloatBuffer((count + 63) / 64 * 64)
    Philox.normals(
      key: key, stream: 0, into: numbers.pointer, count: numbers.count, unit: try VectorUnit.current())
    self.init(flow, values: numbers.array.prefix(count).map(Double.init), beta1: beta1)
  }

  init(_ flow: KernelFlow, values: [Double], beta1: Double = 0.9) {
    (self.values, radius) = (values, Double(flow.side - 1))
    adam = DoubleAdam(count: values.count, beta1: beta1)
  }

  mutating func step(_ gradient: [Double], rate: Double) {
    adam.update(&values, gradient, rate: rate)
    project()
  }

  mutating func project() {
    let norm = values.reduce(1e-9) { $0 + $1 * $1 }.squareRoot()
    for i in values.indices { values[i] *= radius / norm }
  }
}
