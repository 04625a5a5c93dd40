import Numerics

/// The hourglass network of deep image priors (Ulyanov, Vedaldi, Lempitsky: "Deep image prior", CVPR 2018), with non-local
/// blocks as DIP-FKP and BSRDM have them.
///
/// Each scale halves the map by a 3x3 convolution of stride 2, applies another 3x3 convolution and the next scale,
/// enlarges the result twofold, joins it with a pointwise convolution of the scale's own input, and applies a 3x3 and
/// a pointwise convolution. Batch norm and LeakyReLU (slope 0.2) follow every convolution; borders are mirrored. A
/// pointwise convolution and a sigmoid end the network. Sides may be odd: the enlarged map is cut to the size that
/// was halved.
package final class Hourglass: Layer {
  /// The hyperparameters of a network.
  package struct Form: Sendable, Equatable {
    /// Channels of the input.
    package var inputs: Int
    /// Channels of the output.
    package var outputs = 3
    /// How often the map is halved.
    package var scales: Int
    /// Channels of every scale; a multiple of 32.
    package var channels: Int
    /// Channels of the connection that skips the inner scales, on every scale.
    package var skips = 16
    /// Scales with a non-local block after their halving, counted from 1.
    package var nonLocal: ClosedRange<Int>

    package init(inputs: Int, scales: Int, channels: Int, nonLocal: ClosedRange<Int>) {
      (self.inputs, self.scales, self.channels, self.nonLocal) = (inputs, scales, channels, nonLocal)
    }

    /// The least side of a map, in pixels: after all halvings two pixels are left, which mirroring needs.
    package var leastSide: Int { 1 << scales + 1 }
  }

  package let parameters: [Parameter]
  private let outermost: HourglassScale
  private let end: Chain

  /// - Throws: `NumericsError` where libxsmm generates no product.
  package init(_ form: Form, in workspace: Workspace, using random: inout Philox) throws(NumericsError) {
    outermost = try HourglassScale(1, of: form, inputs: form.inputs, in: workspace, using: &random)
    end = Chain([
      try Convolution(
        inputs: form.channels, outputs: form.outputs, .pointwise, in: workspace, using: &random),
      Activation(.sigmoid, in: workspace),
    ])
    parameters = outermost.parameters + end.parameters
  }

  package func forward(_ input: Map) -> Map { end.forward(outermost.forward(input)) }
  package func backward(_ gradient: Map) -> Map { outermost.backward(end.backward(gradient)) }
}

/// One scale with all inner scales.
private final class HourglassScale: Layer {
  let parameters: [Parameter]
  private let down: Chain, up: Chain, skip: Chain
  private let inner: HourglassScale?
  private let enlargement: BilinearEnlargement
  private let channels: Int
  private let workspace: Workspace

  init(
    _ number: Int, of form: Hourglass.Form, inputs: Int, in workspace: Workspace,
    using random: inout Philox
  ) throws(NumericsError) {
    self.workspace = workspace
    channels = form.channels
    let joined = channels + form.skips
    func unit(
      _ form: Convolution.Form, inputs: Int, outputs: Int
    ) throws(NumericsError) -> [any Layer] {
      try Self.unit(form, inputs: inputs, outputs: outputs, in: workspace, using: &random)
    }
    skip = Chain(try unit(.pointwise, inputs: inputs, outputs: form.skips))
    var down = try unit(.square(stride: 2, padding: .reflection), inputs: inputs, outputs: channels)
    if form.nonLocal.contains(number) {
      down.append(try NonLocal(channels: channels, in: workspace, using: &random))
    }
    down += try unit(.square(padding: .reflection), inputs: channels, outputs: channels)
    self.down = Chain(down)
    inner =
      number < form.scales
      ? try HourglassScale(number + 1, of: form, inputs: channels, in: workspace, using: &random) : nil
    enlargement = BilinearEnlargement(in: workspace)
    up = Chain(
      [Normalisation(channels: joined, in: workspace)]
        + (try unit(.square(padding: .reflection), inputs: joined, outputs: channels))
        + (try unit(.pointwise, inputs: channels, outputs: channels)))
    parameters = [skip, self.down].flatMap(\.parameters) + (inner?.parameters ?? []) + up.parameters
  }

  func forward(_ input: Map) -> Map {
    let beside = skip.forward(input)
    let small = down.forward(input)
    let large = enlargement.forward(
      inner?.forward(small) ?? small, height: input.shape.height, width: input.shape.width)
    return up.forward(workspace.joined(large, beside))
  }

  func backward(_ gradient: Map) -> Map {
    let (large, beside) = workspace.parted(up.backward(gradient), firstChannels: channels)
    let small = enlargement.backward(large)
    let result = down.backward(inner?.backward(small) ?? small)
    result.add(skip.backward(beside))
    return result
  }

  /// A convolution with batch norm, which takes its bias's place, and LeakyReLU.
  private static func unit(
    _ form: Convolution.Form, inputs: Int, outputs: Int, in workspace: Workspace,
    using random: inout Philox
  ) throws(NumericsError) -> [any Layer] {
    [
      try Convolution(
        inputs: inputs, outputs: outputs, form, hasBias: false, in: workspace, using: &random),
      Normalisation(channels: outputs, slope: 0.2, in: workspace),
    ]
  }
}
