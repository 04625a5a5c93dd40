import Numerics

/// A convolution of 3x3 or 1x1 pixels, which is a cross-correlation, as usual in networks. With 1x1 on maps of one
/// pixel it is a fully connected layer.
package final class Convolution: Layer {
  /// The geometry of a convolution.
  package struct Form: Hashable, Sendable {
    /// 3 or 1.
    package var side: Int
    /// 1 or 2: every second row and column of outputs, from the first on.
    package var stride: Int
    package var padding: Padding

    /// 3x3 pixels.
    package static func square(stride: Int = 1, padding: Padding) -> Form {
      Form(side: 3, stride: stride, padding: padding)
    }
    /// 1x1 pixels.
    package static let pointwise = Form(side: 1, stride: 1, padding: .none)
  }

  package let parameters: [Parameter]
  /// (side, side, inputs, outputs), both with as many channels as maps have in memory (`MapShape.stored`).
  package let weight: Parameter
  /// (outputs) as stored; nil without a bias.
  package let bias: Parameter?
  private let inputs: Int, outputs: Int
  private let form: Form
  private let engine: any ConvolutionEngine
  private let workspace: Workspace
  /// The last input with its border.
  private var padded: Map?

  /// Initialises weights and biases as PyTorch does: uniform on +-1/sqrt(fan-in).
  /// - Throws: `NumericsError` where libxsmm generates no product.
  package init(
    inputs: Int, outputs: Int, _ form: Form, hasBias: Bool = true, in workspace: Workspace,
    using random: inout Philox
  ) throws(NumericsError) {
    precondition(form.side == 3 || form.side == 1 && form.padding == .none, "only 3x3 has a border")
    (self.inputs, self.outputs, self.form, self.workspace) = (inputs, outputs, form, workspace)
    let (k, m) = (MapShape.stored(inputs), MapShape.stored(outputs))
    let taps = form.side * form.side
    weight = Parameter(taps * k * m)
    bias = hasBias ? Parameter(m) : nil
    parameters = [weight] + (bias.map { [$0] } ?? [])
    engine =
      form.side == 3 && form.stride == 1
      ? try WinogradConvolution(inputs: k, outputs: m, workspace)
      : try DirectConvolution(inputs: k, outputs: m, form, workspace)
    let bound = 1 / Double(taps * inputs).squareRoot()
    for output in 0..<outputs {
      for input in 0..<inputs {
        for tap in 0..<taps {
          weight.values.pointer[(tap * k + input) * m + output] = Float(random.uniform(in: -bound..<bound))
        }
      }
    }
    if let bias {
      for output in 0..<outputs { bias.values.pointer[output] = Float(random.uniform(in: -bound..<bound)) }
    }
  }

  package func forward(_ input: Map) -> Map {
    precondition(input.shape.channels == inputs, "\(input.shape.channels) channels in place of \(inputs)")
    let padded = form.padding.applied(to: input, in: workspace)
    self.padded = padded
    let (reach, stride) = (form.side - 1, form.stride)
    let output = workspace.map(
      MapShape(
        batch: padded.shape.batch, height: (padded.shape.height - reach - 1) / stride + 1,
        width: (padded.shape.width - reach - 1) / stride + 1, channels: outputs))
    engine.forward(padded, weight.values, bias: bias?.values, into: output)
    return output
  }

  package func backward(_ gradient: Map) -> Map {
    guard let padded else { preconditionFailure("backward without forward") }
    self.padded = nil
    if let bias { workspace.addColumnSums(of: gradient, to: bias.gradient) }
    let border = engine.backward(gradient, input: padded, weight)
    return form.padding.folded(border, in: workspace)
  }
}

/// The arithmetic of a convolution of a padded map.
protocol ConvolutionEngine: AnyObject {
  func forward(_ padded: Map, _ weight: FloatBuffer, bias: FloatBuffer?, into output: Map)

  /// Adds to the weights' gradient; returns that of the padded map.
  func backward(_ gradient: Map, input padded: Map, _ weight: Parameter) -> Map
}

extension Workspace {
  /// sums[c] += the sum of channel c over all pixels.
  func addColumnSums(of map: Map, to sums: FloatBuffer) {
    let stored = map.shape.stored
    let zeros = FloatBuffer(stored)
    let (part, squares) = (FloatBuffer(stored), FloatBuffer(stored))
    var totals = [Double](repeating: 0, count: stored)
    for (start, count) in map.shape.blocks {
      part.clear()
      loops.moments(map.pointer + start * stored, count, stored, zeros.pointer, part.pointer, squares.pointer)
      for c in 0..<stored { totals[c] += Double(part.pointer[c]) }
    }
    for c in 0..<stored { sums.pointer[c] += Float(totals[c]) }
  }
}

extension MapShape {
  /// Pixels in blocks whose sums single precision holds well, and which stay in the first cache.
  var blocks: [(start: Int, count: Int)] {
    stride(from: 0, to: pixels, by: 64).map { ($0, min(64, pixels - $0)) }
  }
}
