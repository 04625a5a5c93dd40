import Checkpoints
import Numerics

extension USRNetWeights {
  /// Writes a network of the published one's shape with the values that PyTorch begins with, for tests and benchmarks.
  /// - Throws: `CheckpointError`.
  @discardableResult
  package static func writeRandom(to path: String) throws -> SafeTensors {
    var random = Philox(key: 1)
    var file = SafeTensors()
    for (name, shape) in layout {
      let bound = (1 / Double(shape.dropFirst().reduce(1, *))).squareRoot()
      let values = (0..<shape.reduce(1, *)).map { _ in Float(random.uniform(in: -bound..<bound)) }
      file.tensors[name] = SafeTensors.Tensor(values, shape: shape)
    }
    try file.write(to: path)
    return file
  }
}
