import Layers
import Numerics

/// A model of blur kernels: parameters whose kernels are all of one kind.
package protocol KernelPrior: AnyObject {
  /// The current kernel, (side, side), a cross-correlation kernel.
  func kernel() -> FloatBuffer

  /// Makes one update of the parameters.
  /// - Parameter gradient: the gradient of a loss by the values that `kernel()` returned last, (side, side).
  func descend(along gradient: FloatBuffer)
}

/// The prior of DIP-Softmax: a softmax of one parameter for each value. Values are positive and sum to 1.
package final class SoftmaxKernel: KernelPrior {
  private let logits: Parameter
  private let descent: Descent
  private let softmax: Softmax
  private let workspace: Workspace
  private let shape: MapShape

  private static let rate = 0.5

  /// - Parameter key: of the initial parameters, which are uniform on 0 ... 0.1.
  package init(side: Int, key: UInt64, in workspace: Workspace) {
    self.workspace = workspace
    shape = MapShape(height: 1, width: 1, channels: side * side)
    logits = Parameter(shape.stored)
    descent = Descent([logits], workspace.unit)
    softmax = Softmax(in: workspace)
    var random = Philox(key: key, stream: PictureNetwork.Stream.kernel.rawValue)
    for i in 0..<shape.channels { logits.values.pointer[i] = Float(0.1 * random.uniform()) }
  }

  package func kernel() -> FloatBuffer {
    let map = workspace.zeros(shape)
    map.pointer.update(from: logits.values.pointer, count: shape.channels)
    return softmax.forward(map).channels
  }

  package func descend(along gradient: FloatBuffer) {
    let slopes = softmax.backward(workspace.map(ofChannels: gradient))
    logits.gradient.pointer.update(from: slopes.pointer, count: shape.channels)
    descent.step(rate: Self.rate)
  }
}

/// The prior of Double-DIP (Ren, Zhang, Wang, Hu, Zuo: "Neural blind deconvolution using deep priors", CVPR 2020):
/// the output of a fully connected network for fixed noise. The noise has 200 values, the hidden layer 1000 with
/// ReLU6; a softmax gives the kernel.
package final class DenseKernel: KernelPrior {
  private let network: Chain
  private let descent: Descent
  private let input: Map
  private let workspace: Workspace

  private static let rate = 1e-4, inputs = 200, hidden = 1000

  /// - Parameter key: of weights and noise; noise is uniform on 0 ... 0.1.
  /// - Throws: `NumericsError` where libxsmm generates no product.
  package init(side: Int, key: UInt64, in workspace: Workspace) throws(NumericsError) {
    self.workspace = workspace
    var random = Philox(key: key, stream: PictureNetwork.Stream.kernel.rawValue)
    let noise = FloatBuffer(Self.inputs)
    for i in 0..<noise.count { noise.pointer[i] = Float(0.1 * random.uniform()) }
    input = workspace.map(ofChannels: noise)
    network = Chain([
      try Convolution(
        inputs: Self.inputs, outputs: Self.hidden, .pointwise, in: workspace, using: &random),
      Activation(.relu6, in: workspace),
      try Convolution(
        inputs: Self.hidden, outputs: side * side, .pointwise, in: workspace, using: &random),
      Softmax(in: workspace),
    ])
    descent = Descent(network.parameters, workspace.unit)
  }

  package func kernel() -> FloatBuffer { network.forward(input).channels }

  package func descend(along gradient: FloatBuffer) {
    descent.clear()
    _ = network.backward(workspace.map(ofChannels: gradient))
    descent.step(rate: Self.rate)
  }
}

extension Map {
  /// The channels of the first pixel.
  fileprivate var channels: FloatBuffer {
    let result = FloatBuffer(shape.channels)
    result.pointer.update(from: pointer, count: shape.channels)
    return result
  }
}

extension Workspace {
  /// A map of one pixel.
  fileprivate func map(ofChannels values: FloatBuffer) -> Map {
    let map = zeros(MapShape(height: 1, width: 1, channels: values.count))
    map.pointer.update(from: values.pointer, count: values.count)
    return map
  }
}
