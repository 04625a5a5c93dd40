import Layers
import Numerics

/// A latent vector that Adam moves and that is projected onto the sphere of norm side - 1 after every step, as in
/// FKP. Nearly all normal vectors lie close to this sphere, and every vector on it decodes to a plausible kernel.
struct SphericalLatent {
  private(set) var values: [Double]
  private let radius: Double
  private var adam: DoubleAdam

  /// Draws unit normal numbers. They are not on the sphere before the first step, as in FKP.
  /// - Throws: `NumericsError` on a processor without AVX2.
  init(_ flow: KernelFlow, key: UInt64, beta1: Double = 0.9) throws(NumericsError) {
    let count = flow.side * flow.side
    let numbers = FloatBuffer((count + 63) / 64 * 64)
    Philox.normals(
      key: key, stream: 0, into: numbers.pointer, count: numbers.count, unit: try VectorUnit.current())
    self.init(flow, values: numbers.array.prefix(count).map(Double.init), beta1: beta1)
  }

  /// Starts from given values, which are not projected.
  init(_ flow: KernelFlow, values: [Double], beta1: Double = 0.9) {
    (self.values, radius) = (values, Double(flow.side - 1))
    adam = DoubleAdam(count: values.count, beta1: beta1)
  }

  /// Makes one update of Adam against `gradient`, and projects the result.
  mutating func step(_ gradient: [Double], rate: Double) {
    adam.update(&values, gradient, rate: rate)
    project()
  }

  /// Scales the vector to the norm of the sphere.
  mutating func project() {
    let norm = values.reduce(1e-9) { $0 + $1 * $1 }.squareRoot()
    for i in values.indices { values[i] *= radius / norm }
  }
}
