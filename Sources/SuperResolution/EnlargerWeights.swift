import Checkpoints
import Foundation

/// The parameters of the project's own enlarger at one scale, arranged as its convolutions read them.
package final class EnlargerWeights: Sendable {
  static let channels = 64, stages = 2, blocks = 5

  /// One unfolded iteration.
  package struct Stage: Sendable {
    /// How strongly the data step holds to the picture that it begins with.
    package let alpha: DataWeight
    /// From the folded picture, the given picture and the noise level.
    let head: Convolution3x3
    /// From the features of the stage before; nil in the first.
    let carried: Convolution3x3?
    let blocks: [ResidualBlock]
    /// To what is added to the folded picture.
    let tail: Convolution3x3
  }

  package let scale: Int
  package let sha256: String
  package let stages: [Stage]

  /// - Throws: `SuperResolutionError.weights` or, for those of another network, `.otherNetwork`.
  package init(path: String, scale: Int) throws(SuperResolutionError) {
    let file: Checkpoint
    do {
      file = try Checkpoint(path: path, expecting: Self.layout(scale: scale))
    } catch CheckpointError.otherArchitecture(_, let tensor, _, _) {
      throw .otherNetwork(file: path, network: .enlarger, tensor: tensor)
    } catch {
      throw .weights("\(error)")
    }
    self.scale = scale
    sha256 = file.sha256
    stages = (0..<Self.stages).map { Self.stage($0, of: file, scale: scale) }
  }

  private static func stage(_ index: Int, of file: Checkpoint, scale: Int) -> Stage {
    let name = "stage\(index + 1)"
    let (own, all) = (pictureInputs(scale: scale), inputs(stage: index, scale: scale))
    let head = file.values("\(name).head.weight")
    func convolution(_ part: String, outputs: Int = channels) -> Convolution3x3 {
      Convolution3x3(
        file.values("\(name).\(part).weight"), outputs: outputs, inputs: channels,
        bias: file.values("\(name).\(part).bias"))
    }
    return Stage(
      alpha: DataWeight(file, "\(name).alpha"),
      head: Convolution3x3(
        head, outputs: channels, inputs: all, taking: 0..<own, bias: file.values("\(name).head.bias")),
      carried: all > own ? Convolution3x3(head, outputs: channels, inputs: all, taking: own..<all) : nil,
      blocks: (1...blocks).map {
        ResidualBlock(
          first: convolution("block\($0).first"), second: convolution("block\($0).second"))
      },
      tail: convolution("tail", outputs: 3 * scale * scale))
  }

  /// The folded picture's channels, three colours, the noise level.
  static func pictureInputs(scale: Int) -> Int { 3 * scale * scale + 4 }

  private static func inputs(stage: Int, scale: Int) -> Int {
    pictureInputs(scale: scale) + (stage == 0 ? 0 : channels)
  }

  /// Names and shapes, as scripts/train_enlarger.py writes them.
  package static func layout(scale: Int) -> [(name: String, shape: [Int])] {
    (0..<stages).flatMap { index in
      let name = "stage\(index + 1)"
      var layout = DataWeight.layout("\(name).alpha")
      func convolution(_ part: String, outputs: Int, inputs: Int) {
        layout.append(("\(name).\(part).weight", [outputs, inputs, 3, 3]))
        layout.append(("\(name).\(part).bias", [outputs]))
      }
      convolution("head", outputs: channels, inputs: inputs(stage: index, scale: scale))
      for block in 1...blocks {
        for half in ["first", "second"] {
          convolution("block\(block).\(half)", outputs: channels, inputs: channels)
        }
      }
      convolution("tail", outputs: 3 * scale * scale, inputs: channels)
      return layout
    }
  }

  /// The scale of a file of the enlarger's weights, by the shape of its first stage's last convolution; nil for other files.
  static func scale(of file: SafeTensors) -> Int? {
    guard let outputs = file.tensors["stage1.tail.weight"]?.shape.first else { return nil }
    return (2...4).first { 3 * $0 * $0 == outputs }
  }
}

/// The enlarger's alpha, from the noise level by two dense layers of which the first has 32 outputs; in double precision.
package struct DataWeight: Sendable {
  private static let hidden = 32
  private let first: (weight: [Double], bias: [Double])
  private let second: (weight: [Double], bias: Double)

  init(_ file: Checkpoint, _ name: String) {
    func values(_ part: String) -> [Double] { file.values("\(name).\(part)").map(Double.init) }
    first = (values("first.weight"), values("first.bias"))
    second = (values("second.weight"), values("second.bias")[0])
  }

  static func layout(_ name: String) -> [(name: String, shape: [Int])] {
    [
      ("\(name).first.weight", [hidden, 1]), ("\(name).first.bias", [hidden]),
      ("\(name).second.weight", [1, hidden]), ("\(name).second.bias", [1]),
    ]
  }

  /// - Parameter noise: standard deviation of pictures in [0, 1].
  package func value(noise: Double) -> Double {
    let input = log(noise + 0.001) + 4
    var sum = second.bias
    for unit in 0..<Self.hidden {
      sum += second.weight[unit] * max(first.weight[unit] * input + first.bias[unit], 0)
    }
    return exp(sum) + noise * noise / 2 + 1e-6
  }
}
