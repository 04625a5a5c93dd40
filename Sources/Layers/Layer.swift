import Numerics

/// One step of a network: `forward` turns a map into a map, `backward` the gradient of a loss by the output into the
/// gradient by the input.
///
/// A layer belongs to one thread and takes maps of any size. `backward` may be called once after each `forward`, and
/// belongs to the last one.
package protocol Layer: AnyObject {
  /// Weights and biases, in a fixed order.
  var parameters: [Parameter] { get }

  /// The output. The layer keeps the values that its gradient needs, and does not change the input.
  func forward(_ input: Map) -> Map

  /// Adds to the parameters' gradients and returns the gradient by the input. The layer may overwrite the map that it
  /// is given, and may return it.
  func backward(_ gradient: Map) -> Map
}

/// A tensor that training changes, with its gradient and Adam's moments.
package final class Parameter {
  package let values: FloatBuffer, gradient: FloatBuffer
  fileprivate let first: FloatBuffer, second: FloatBuffer

  /// Creates `count` values of 0.
  package init(_ count: Int) {
    values = FloatBuffer(count)
    gradient = FloatBuffer(count)
    first = FloatBuffer(count)
    second = FloatBuffer(count)
  }

  package var count: Int { values.count }
}

/// Layers in a row.
package final class Chain: Layer {
  private let layers: [any Layer]
  package let parameters: [Parameter]

  package init(_ layers: [any Layer]) {
    self.layers = layers
    parameters = layers.flatMap(\.parameters)
  }

  package func forward(_ input: Map) -> Map { layers.reduce(input) { $1.forward($0) } }

  package func backward(_ gradient: Map) -> Map { layers.reversed().reduce(gradient) { $1.backward($0) } }
}

/// Gradient descent by Adam on the parameters of some layers.
package final class Descent {
  private let parameters: [Parameter]
  private let adam: Adam
  private let unit: VectorUnit
  private var time = 0

  /// Creates the optimiser, before its first update. A parameter belongs to one optimiser.
  package init(_ parameters: [Parameter], beta1: Double = 0.9, _ unit: VectorUnit) {
    (self.parameters, self.unit) = (parameters, unit)
    adam = Adam(beta1: beta1)
  }

  /// Sets all gradients to zero, before the first backward pass of a step.
  package func clear() { for parameter in parameters { parameter.gradient.clear() } }

  /// The Euclidean norm of all gradients taken together.
  package var gradientNorm: Double {
    var sum = 0.0
    for gradient in parameters.map(\.gradient) {
      sum += Double(unit.loops.dot(gradient.pointer, gradient.pointer, gradient.count))
    }
    return sum.squareRoot()
  }

  /// Makes one update.
  /// - Parameter longest: where the norm of all gradients is larger than this, all are scaled down to it by one factor.
  package func step(rate: Double, longest: Double = .infinity) {
    time += 1
    let norm = longest.isFinite ? gradientNorm : 0
    for parameter in parameters {
      let gradient = parameter.gradient
      if norm > longest {
        unit.loops.scale(gradient.pointer, gradient.pointer, Float(longest / norm), gradient.count)
      }
      adam.update(
        parameter.values.pointer, first: parameter.first.pointer, second: parameter.second.pointer,
        gradient: gradient.pointer, count: parameter.count, rate: rate, time: time, unit: unit)
    }
  }
}
