import Layers
import Numerics

/// A deep image prior (Ulyanov, Vedaldi, Lempitsky: "Deep image prior", CVPR 2018): the picture is the output of an
/// hourglass for a given input of noise, and is fitted by training the hourglass's weights.
final class PictureNetwork {
  /// The network's input, of the large picture's size.
  let input: Map
  private let network: Hourglass
  private let descent: Descent
  private let workspace: Workspace

  /// The hourglass of DIP-FKP, Double-DIP and DKP: five scales of 128 channels, non-local blocks on the third to fifth.
  static let large = Hourglass.Form(inputs: 3, scales: 5, channels: 128, nonLocal: 3...5)

  /// Streams of a method's key.
  enum Stream: UInt64 { case weights, input, kernel, draws, normals }

  /// - Parameters:
  ///   - input: of the large picture's size.
  ///   - key: of the initial weights.
  init(_ form: Hourglass.Form, _ input: Map, key: UInt64, in workspace: Workspace) throws(NumericsError) {
    (self.input, self.workspace) = (input, workspace)
    var random = Philox(key: key, stream: Stream.weights.rawValue)
    network = try Hourglass(form, in: workspace, using: &random)
    descent = Descent(network.parameters, workspace.unit)
  }

  /// Creates a network with fixed noise as input, uniform on 0 ... 0.1.
  convenience init(
    _ form: Hourglass.Form, _ problem: BlindProblem, key: UInt64, in workspace: Workspace
  ) throws(NumericsError) {
    let noise = Raster(channels: form.inputs, height: problem.largeHeight, width: problem.largeWidth)
    var random = Philox(key: key, stream: Stream.input.rawValue)
    for i in noise.values.indices { noise.values[i] = Float(0.1 * random.uniform()) }
    try self.init(form, noise.map(in: workspace), key: key, in: workspace)
  }

  /// The current picture, values in [0, 1].
  func forward() -> Raster { Raster(network.forward(input)) }

  /// Computes the gradients by the weights, for `descend`.
  /// - Parameter gradient: the loss's gradient by the picture that `forward` returned.
  /// - Returns: the gradient by the input.
  @discardableResult
  func backward(_ gradient: Raster) -> Map {
    descent.clear()
    return network.backward(gradient.map(in: workspace))
  }

  /// Makes one update of the weights.
  /// - Parameter longest: the largest norm of the gradient; longer ones are scaled down to it.
  func descend(rate: Double, longest: Double = .infinity) { descent.step(rate: rate, longest: longest) }
}
