import CLoops
import Numerics

/// The critic of KernelGAN-FKP (Liang et al., "Flow-based kernel prior with application to blind super-resolution",
/// CVPR 2021): five 3x3 convolutions without padding, 32 channels wide, with batch norm and LeakyReLU after the first
/// four. Its output for a patch is a map of numbers without bounds, as in a Wasserstein GAN.
///
/// Convolutions have no biases: batch norm would remove those of the first four, and the loss that of the last. An
/// instance belongs to one thread.
package final class PatchCritic {
  static let layers = 5

  /// The patches of a batch, and the side of a patch in pixels, at least 11.
  package let samples: Int, side: Int
  /// Numbers in the map of one patch: (side - 10)^2.
  package let outputs: Int
  /// Weights of the five convolutions (taps, inputs, outputs), then gains and shifts of the four batch norms.
  package let parameters: FloatBuffer
  /// The gradient by the parameters, in their order; passes add to it.
  package let gradient: FloatBuffer

  let convolutions: [PatchConvolution]
  private let transposed: FloatBuffer
  private let loops: clayers_table

  /// Initialises parameters as PyTorch does: weights are uniform on +-1/sqrt(fan-in), gains 1, shifts 0.
  /// - Parameter key: of the draws.
  /// - Throws: `NumericsError` on a processor without AVX2.
  package init(samples: Int, side: Int, key: UInt64) throws(NumericsError) {
    (self.samples, self.side, outputs) = (samples, side, (side - 10) * (side - 10))
    loops = try Workspace().loops
    var convolutions: [PatchConvolution] = []
    for layer in 0..<Self.layers {
      let isEnd = layer == 0 || layer == Self.layers - 1
      convolutions.append(try PatchConvolution(reach: isEnd ? 1 : 3, side: side - 2 * max(layer, 1)))
    }
    self.convolutions = convolutions
    let weights = convolutions.reduce(0) { $0 + $1.weightCount }
    parameters = FloatBuffer(weights + 2 * (Self.layers - 1) * FeatureBatch.channels)
    gradient = FloatBuffer(parameters.count)
    transposed = FloatBuffer(weights)
    draw(Philox(key: Philox.key(key, .initialisation)))
    prepare()
  }

  private func draw(_ random: Philox) {
    var random = random
    let n = FeatureBatch.channels
    for layer in 0..<Self.layers {
      let weight = parameters.pointer + weightOffset(layer)
      let bound = 1 / Double(layer == 0 ? 27 : 9 * n).squareRoot()
      for i in 0..<convolutions[layer].weightCount {
        let isUnused = layer == 0 && i / n >= 27 || layer == Self.layers - 1 && i % n >= 9
        weight[i] = isUnused ? 0 : Float(random.uniform(in: -bound..<bound))
      }
      if layer < Self.layers - 1 { (parameters.pointer + gainOffset(layer)).update(repeating: 1, count: n) }
    }
  }

  /// Takes the parameters over for passes; call it after they have changed.
  package func prepare() {
    for layer in 0..<Self.layers {
      let offset = weightOffset(layer)
      convolutions[layer].transpose(parameters.pointer + offset, to: transposed.pointer + offset)
    }
  }

  func weight(_ layer: Int) -> UnsafePointer<Float> {
    UnsafePointer(parameters.pointer + weightOffset(layer))
  }
  func transposedWeight(_ layer: Int) -> UnsafePointer<Float> {
    UnsafePointer(transposed.pointer + weightOffset(layer))
  }
  func weightGradient(_ layer: Int) -> UnsafeMutablePointer<Float> { gradient.pointer + weightOffset(layer) }

  private func weightOffset(_ layer: Int) -> Int { convolutions[..<layer].reduce(0) { $0 + $1.weightCount } }
  func gainOffset(_ layer: Int) -> Int { weightOffset(Self.layers) + 2 * layer * FeatureBatch.channels }

  func norm(_ layer: Int, _ y: FeatureBatch) -> LeakyNorm {
    let gain = parameters.pointer + gainOffset(layer)
    return LeakyNorm(y, gain: gain, shift: gain + FeatureBatch.channels, loops)
  }

  func add(_ part: LeakyNorm.Gradient, _ layer: Int) {
    let (offset, n) = (gainOffset(layer), FeatureBatch.channels)
    for i in 0..<n {
      gradient.pointer[offset + i] += Float(part.gain[i])
      gradient.pointer[offset + n + i] += Float(part.shift[i])
    }
  }

  /// Buffers of a forward pass, or of a tangent's or a gradient's way through the layers.
  final class Maps {
    /// The unfolded patches, then the outputs of the first four layers.
    let inputs: [FeatureBatch]
    /// The outputs of the convolutions.
    let sums: [FeatureBatch]

    init(samples: Int, side: Int) {
      inputs = (0..<PatchCritic.layers).map { FeatureBatch(samples: samples, side: side - 2 * max($0, 1)) }
      sums = (0..<PatchCritic.layers).map { FeatureBatch(samples: samples, side: side - 2 - 2 * min($0, 3)) }
    }
  }

  private(set) lazy var primal = Maps(samples: samples, side: side)
  private(set) lazy var slopes = Maps(samples: samples, side: side)
  private(set) lazy var tangents = Maps(samples: samples, side: side)
  private(set) lazy var mixed = Maps(samples: samples, side: side)
  var norms: [LeakyNorm] = []
  private lazy var map = FloatBuffer(samples * outputs)

  /// Runs the critic on patches (samples, 3, side, side).
  /// - Returns: the sum of all numbers of all maps.
  @discardableResult
  package func forward(_ patches: FloatBuffer) -> Double {
    PatchEnds.unfold(patches.pointer, primal.inputs[0])
    norms = []
    for layer in 0..<Self.layers {
      convolutions[layer].forward(weight(layer), from: primal.inputs[layer], to: primal.sums[layer])
      guard layer < Self.layers - 1 else { break }
      let norm = norm(layer, primal.sums[layer])
      norm.forward(primal.sums[layer], to: primal.inputs[layer + 1])
      norms.append(norm)
    }
    PatchEnds.gather(primal.sums[Self.layers - 1], map.pointer)
    return map.values.reduce(0) { $0 + Double($1) }
  }

  /// Computes the gradient of `factor` times the sum that the last `forward` returned.
  /// - Parameters:
  ///   - adding: whether the parameters' gradient is added to `gradient`.
  ///   - patches: receives the gradient by the patches, (samples, 3, side, side); nil where it is not wanted.
  package func backward(factor: Float, adding: Bool, patches: FloatBuffer?) {
    map.pointer.update(repeating: factor, count: map.count)
    PatchEnds.scatter(map.pointer, slopes.sums[Self.layers - 1])
    for layer in (0..<Self.layers).reversed() {
      let (input, sum) = (slopes.inputs[layer], slopes.sums[layer])
      if adding {
        convolutions[layer].addWeightGradient(primal.inputs[layer], sum, to: weightGradient(layer))
      }
      guard layer > 0 || patches != nil else { break }
      convolutions[layer].backward(transposedWeight(layer), from: sum, to: input)
      guard layer > 0 else { break }
      let below = slopes.sums[layer - 1]
      below.buffer.load(input.buffer)
      let part = norms[layer - 1].backward(below, at: primal.sums[layer - 1])
      if adding { add(part, layer - 1) }
    }
    if let patches { PatchEnds.fold(slopes.inputs[0], patches) }
  }
}
