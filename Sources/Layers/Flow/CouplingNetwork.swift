import Numerics

/// A small fully connected network of one coupling: inputs -> hidden -> hidden -> outputs, with an activation after the
/// first two layers. It holds the place of its parameters in the flow's, not their values.
struct CouplingNetwork: Sendable {
  enum Activation: Sendable { case hyperbolicTangent, rectifier }

  let inputs: Int, hidden: Int, outputs: Int
  let activation: Activation
  /// Where its six tensors begin in the flow's parameters.
  private let offset: Int

  /// Enters the network's tensors into a layout.
  init(
    _ name: String, inputs: Int, hidden: Int, outputs: Int, _ activation: Activation,
    in layout: inout TensorLayout
  ) {
    (self.inputs, self.hidden, self.outputs) = (inputs, hidden, outputs)
    (self.activation, offset) = (activation, layout.count)
    let sides = [inputs, hidden, hidden, outputs]
    for layer in 0..<3 {
      layout.append("\(name).layer\(layer + 1).weight", [sides[layer + 1], sides[layer]])
      layout.append("\(name).layer\(layer + 1).bias", [sides[layer + 1]])
    }
  }

  /// What `backward` needs of a forward pass: input and activations (features, samples).
  struct Pass {
    let input: Columns, first: Columns, second: Columns, output: Columns
  }

  func forward(_ input: Columns, parameters: UnsafePointer<Double>) -> Pass {
    let first = activated(product(parameters, layer: 0, input))
    let second = activated(product(parameters, layer: 1, first))
    return Pass(input: input, first: first, second: second, output: product(parameters, layer: 2, second))
  }

  /// The gradient by the input, from `output`, the gradient by the output.
  /// - Parameter gradient: receives the parameters' gradient, in the flow's layout; nil where it is not wanted.
  func backward(
    _ output: Columns, through pass: Pass, parameters: UnsafePointer<Double>,
    gradient: UnsafeMutablePointer<Double>?
  ) -> Columns {
    var d = output
    for (layer, input) in [pass.input, pass.first, pass.second].enumerated().reversed() {
      if let gradient {
        DenseLoops.outer(d, input, into: gradient + weightOffset(layer))
        DenseLoops.sums(d, into: gradient + biasOffset(layer))
      }
      d = DenseLoops.product(matrix(parameters, layer).transposed, d)
      if layer > 0 { undoActivation(input, &d) }
    }
    return d
  }

  private func product(_ parameters: UnsafePointer<Double>, layer: Int, _ x: Columns) -> Columns {
    DenseLoops.product(matrix(parameters, layer), bias: parameters + biasOffset(layer), x)
  }

  private func activated(_ x: Columns) -> Columns {
    var y = x
    switch activation {
    case .hyperbolicTangent: y.replace { FourExponentials.hyperbolicTangent($0) }
    case .rectifier: y.replace { $0.replacing(with: 0, where: $0 .< 0) }
    }
    return y
  }

  /// Multiplies d by the activation's slope, a function of its value.
  private func undoActivation(_ value: Columns, _ d: inout Columns) {
    switch activation {
    case .hyperbolicTangent: d.replace(with: value) { $0 * (1 - $1 * $1) }
    case .rectifier: d.replace(with: value) { $0.replacing(with: 0, where: $1 .<= 0) }
    }
  }

  private func matrix(_ parameters: UnsafePointer<Double>, _ layer: Int) -> DenseLoops.Matrix {
    DenseLoops.Matrix(parameters + weightOffset(layer), rows: rows(layer), columns: columns(layer))
  }

  private func rows(_ layer: Int) -> Int { layer == 2 ? outputs : hidden }
  private func columns(_ layer: Int) -> Int { layer == 0 ? inputs : hidden }

  private func weightOffset(_ layer: Int) -> Int {
    offset + (0..<layer).reduce(0) { $0 + rows($1) * (columns($1) + 1) }
  }

  private func biasOffset(_ layer: Int) -> Int { weightOffset(layer) + rows(layer) * columns(layer) }
}
