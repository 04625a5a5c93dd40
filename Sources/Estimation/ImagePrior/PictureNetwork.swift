import Layers
import Numerics

/// A deep image prior (Ulyanov, Vedaldi, Lempitsky, CVPR 2018): a picture that an hourglass makes of noise, and that changes
/// with the hourglass's weights.
final class PictureNetwork {
  /// What the network sees.
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
  ///   - key: of the weights at the start.
  init(_ form: Hourglass.Form, _ input: Map, key: UInt64, in workspace: Workspace) throws(NumericsError) {
    (self.input, self.workspace) = (input, workspace)
    var random = Philox(key: key, stream: Stream.weights.rawValue)
    network = try Hourglass(form, in: workspace, using: &random)
    descent = Descent(network.parameters, workspace.unit)
  }

  /// Takes fixed uniform noise on 0 ... 0.1 as input.
  convenience init(
    _ form: Hourglass.Form, _ problem: BlindProblem, key: UInt64, in workspace: Workspace
  ) throws(NumericsError) {
    let noise = Raster(channels: form.inputs, height: problem.largeHeight, width: problem.largeWidth)
    var random = Philox(key: key, stream: Stream.input.rawValue)
    for i in noise.values.indices { noise.values[i] = Float(0.1 * random.uniform()) }
    try self.init(form, noise.map(in: workspace), key: key, in: workspace)
  }

  func forward() -> Raster { Raster(network.forward(input)) }

  /// The gradient by the input; `descend` follows those by the weights.
  @discardableResult
  func backward(_ gradient: Raster) -> Map {
    descent.clear()
    return network.backward(gradient.map(in: workspace))
  }

  /// - Parameter longest: gradients longer than this are shortened to it.
  func descend(rate: Double, longest: Double = .infinity) { descent.step(rate: rate, longest: longest) }
}
