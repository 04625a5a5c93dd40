import CLoops
import Numerics

/// An element-wise activation.
package final class Activation: Layer {
  package enum Function: Sendable {
    /// x where positive, slope * x elsewhere; a slope of 0 is ReLU.
    case leaky(slope: Float)
    /// x limited to 0...6.
    case relu6
    case sigmoid
    case tanh
  }

  package let parameters: [Parameter] = []
  private let kind: clayers_activation
  private let slope: Float
  private let workspace: Workspace
  private var output: Map?

  package init(_ function: Function, in workspace: Workspace) {
    self.workspace = workspace
    switch function {
    case .leaky(let slope): (kind, self.slope) = (CLAYERS_LEAKY, slope)
    case .relu6: (kind, slope) = (CLAYERS_RELU6, 0)
    case .sigmoid: (kind, slope) = (CLAYERS_SIGMOID, 0)
    case .tanh: (kind, slope) = (CLAYERS_TANH, 0)
    }
  }

  package func forward(_ input: Map) -> Map {
    let output = workspace.map(input.shape)
    workspace.loops.activate(kind, slope, input.pointer, input.shape.count, output.pointer)
    output.clearUnusedChannels()  // The sigmoid of 0 is not 0.
    self.output = output
    return output
  }

  package func backward(_ gradient: Map) -> Map {
    guard let output else { preconditionFailure("backward without forward") }
    self.output = nil
    workspace.loops.activate_backward(kind, slope, output.pointer, output.shape.count, gradient.pointer)
    return gradient
  }
}

/// Softmax over the channels of each pixel: exp(x) over the sum of exp(x).
package final class Softmax: Layer {
  package let parameters: [Parameter] = []
  private let workspace: Workspace
  private var output: Map?

  package init(in workspace: Workspace) { self.workspace = workspace }

  package func forward(_ input: Map) -> Map {
    let shape = input.shape
    let output = workspace.map(shape)
    for pixel in 0..<shape.pixels {
      let (from, to) = (input.pointer + pixel * shape.stored, output.pointer + pixel * shape.stored)
      let largest = (0..<shape.channels).map { from[$0] }.max() ?? 0
      workspace.loops.exponentials(from, -largest, shape.channels, to)
      let sum = workspace.unit.loops.sum(to, shape.channels)
      workspace.unit.loops.scale(to, to, 1 / sum, shape.channels)
    }
    output.clearUnusedChannels()
    self.output = output
    return output
  }

  package func backward(_ gradient: Map) -> Map {
    guard let output else { preconditionFailure("backward without forward") }
    self.output = nil
    let shape = output.shape
    for pixel in 0..<shape.pixels {
      let (p, d) = (output.pointer + pixel * shape.stored, gradient.pointer + pixel * shape.stored)
      let mean = workspace.unit.loops.dot(p, d, shape.channels)
      for c in 0..<shape.channels { d[c] = p[c] * (d[c] - mean) }
    }
    return gradient
  }
}

extension Map {
  /// Zeros in the stored channels that the map does not have.
  func clearUnusedChannels() {
    let unused = shape.stored - shape.channels
    guard unused > 0 else { return }
    for pixel in 0..<shape.pixels {
      (pointer + pixel * shape.stored + shape.channels).update(repeating: 0, count: unused)
    }
  }
}
