import Layers
import Numerics

/// What a method expects of kernels, as parameters that only such kernels come of.
package protocol KernelPrior: AnyObject {
  /// The kernel as it stands, (side, side), a cross-correlation kernel.
  func kernel() -> FloatBuffer

  /// One update of the parameters against the gradient of a loss by the values that `kernel()` gave last.
  func descend(along gradient: FloatBuffer)
}

/// Values that are positive and sum to 1, and nothing more: the softmax of one parameter each (DIP-Softmax).
package final class SoftmaxKernel: KernelPrior {
  private let logits: Parameter
  private let descent: Descent
  private let softmax: Softmax
  private let workspace: Workspace
  private let shape: MapShape

  private static let rate = 0.5

  /// - Parameter key: of the parameters at the start, uniform on 0 ... 0.1.
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

/// What a dense network makes of fixed noise (Double-DIP; Ren, Zhang, Wang, Hu, Zuo: "Neural blind deconvolution using deep
/// priors", CVPR 2020): 200 values, 1000 hidden ones with ReLU6, the kernel's by softmax.
package final class DenseKernel: KernelPrior {
  private let network: Chain
  private let descent: Descent
  private let input: Map
  private let workspace: Workspace

  private static let rate = 1e-4, inputs = 200, hidden = 1000

  /// - Parameter key: of weights and noise, which is uniform on 0 ... 0.1.
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
