/// Both networks in plain double precision, written from the definitions for clarity and nothing else: the tuned ones
/// are held to it, and it to the authors' own tensors. Tensors by their checkpoint names, PyTorch's layouts.
public struct NaiveGAN {
  public static let width = 64, colours = 3

  public let generatorKernels: [Int]
  public let patchSide: Int
  /// Parameters, and the spectral-norm vectors u and v.
  public var tensors: [String: [Double]]

  public init(generatorKernels: [Int] = [7, 3, 3, 1, 1, 1], patchSide: Int = 32, tensors: [String: [Double]])
  {
    self.generatorKernels = generatorKernels
    self.patchSide = patchSide
    self.tensors = tensors
  }

  public var kernelSide: Int { generatorKernels.reduce(1) { $0 + $1 - 1 } }
  public var inputSide: Int { 2 * (patchSide - 1) + kernelSide }

  /// Gradients by name, of what adaptation changes.
  public typealias Gradient = [String: [Double]]

  func weight(_ network: String, _ layer: Int) -> [Double] {
    tensors["\(network).conv\(layer).weight", default: []]
  }
}
