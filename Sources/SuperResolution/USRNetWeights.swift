import Checkpoints

/// The parameters of USRNet-tiny, arranged as its convolutions read them.
package final class USRNetWeights: Sendable {
  /// Channels of the four levels, and iterations, of the published network.
  static let channels = [16, 32, 64, 64]
  static let iterations = 6

  let sha256: String
  let hyperParameters: HyperParameters
  let head: SharedWeights
  /// Level by level: the blocks before the size is halved, after it was doubled, and the steps between levels.
  let down: [[ResidualBlock]], up: [[ResidualBlock]]
  let body: [ResidualBlock]
  let halving: [SharedWeights], doubling: [SharedWeights]
  let tail: Convolution3x3

  /// - Throws: `SuperResolutionError.weights` or, for those of another network, `.otherNetwork`.
  package init(path: String) throws(SuperResolutionError) {
    let file: Checkpoint
    do {
      file = try Checkpoint(path: path, expecting: Self.layout)
    } catch CheckpointError.otherArchitecture(_, let tensor, _, _) {
      throw .otherNetwork(file: path, network: .usrNet, tensor: tensor)
    } catch {
      throw .weights("\(error)")
    }
    sha256 = file.sha256
    hyperParameters = HyperParameters(file)
    head = HeadConvolution.arranged(file.values("p.m_head.weight"))
    let pairs = zip(Self.channels, Self.channels.dropFirst())
    let levels = Array(zip(1..., pairs))
    func blocks(_ part: String, _ places: Range<Int>, channels: Int) -> [ResidualBlock] {
      places.map { place in
        func convolution(_ layer: Int) -> Convolution3x3 {
          let weight = file.values("p.m_\(part).\(place).res.\(layer).weight")
          return Convolution3x3(weight, outputs: channels, inputs: channels)
        }
        return ResidualBlock(first: convolution(0), second: convolution(2))
      }
    }
    down = levels.map { blocks("down\($0)", 0..<2, channels: $1.0) }
    up = levels.map { blocks("up\($0)", 1..<3, channels: $1.0) }
    body = blocks("body", 0..<2, channels: 64)
    halving = levels.map {
      DownConvolution.arranged(file.values("p.m_down\($0).2.weight"), inputs: $1.0, outputs: $1.1)
    }
    doubling = levels.map {
      UpConvolution.arranged(file.values("p.m_up\($0).0.weight"), inputs: $1.1, outputs: $1.0)
    }
    tail = Convolution3x3(file.values("p.m_tail.weight"), outputs: 3, inputs: 16)
  }

  /// Names and shapes as published.
  package static var layout: [(name: String, shape: [Int])] {
    var layout = HyperParameters.layout
    func blocks(_ part: String, _ places: Range<Int>, channels: Int) {
      for place in places {
        for layer in [0, 2] {
          layout.append(("p.m_\(part).\(place).res.\(layer).weight", [channels, channels, 3, 3]))
        }
      }
    }
    layout.append(("p.m_head.weight", [16, 4, 3, 3]))
    layout.append(("p.m_tail.weight", [3, 16, 3, 3]))
    blocks("body", 0..<2, channels: 64)
    for (level, (here, below)) in zip(1..., zip(channels, channels.dropFirst())) {
      blocks("down\(level)", 0..<2, channels: here)
      blocks("up\(level)", 1..<3, channels: here)
      layout.append(("p.m_down\(level).2.weight", [below, here, 2, 2]))
      layout.append(("p.m_up\(level).0.weight", [below, here, 2, 2]))
    }
    return layout
  }
}
