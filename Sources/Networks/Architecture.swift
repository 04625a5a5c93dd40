import CLoops
public import Numerics

/// The shapes of both networks. The paper's by default; KernelGAN's generator has the kernels 7, 5, 3, 1, 1, 1.
public struct Architecture: Sendable, Equatable {
  /// Sides of the generator's six kernels; the last three are 1.
  public let generatorKernels: [Int]
  /// Side of the square patch that the discriminator sees; even, at least 8.
  public let patchSide: Int

  /// Hidden channels of both networks.
  public static let width = Int(CKERNELS_WIDTH)
  public static let colours = Int(CKERNELS_COLOURS)
  /// Side of the discriminator's first kernel; its other six are 1.
  public static let discriminatorTaps = 7
  public static let discriminatorLayers = 7
  /// Discriminator layers followed by batch normalisation and ReLU.
  public static let normalisedLayers = 2...6

  /// MetaKernelGAN's networks (paper, section 4): an 11x11 kernel, 32x32 patches.
  public static let paper = Architecture(generatorKernels: [7, 3, 3, 1, 1, 1], patchSide: 32)

  public init(generatorKernels: [Int], patchSide: Int) {
    precondition(generatorKernels.count == 6 && generatorKernels[3...].allSatisfy { $0 == 1 })
    precondition(patchSide % 2 == 0 && patchSide >= 8)
    self.generatorKernels = generatorKernels
    self.patchSide = patchSide
    var layout = TensorLayout()
    Self.appendGenerator(generatorKernels, to: &layout)
    generatorCount = layout.count
    Self.appendDiscriminator(to: &layout)
    trainedCount = layout.count
    Self.appendSpectralVectors(to: &layout)
    self.layout = layout
  }

  /// Every tensor, in this order: the generator's weights, the discriminator's weights, biases, batch-norm scales
  /// and shifts, then the spectral-norm vectors u and v. Names as in checkpoints.
  public let layout: TensorLayout
  /// The generator's share of `layout`: its first so many floats.
  public let generatorCount: Int
  /// What gradients change, in adaptation and in meta-training, both networks without u and v: the first so many floats.
  public let trainedCount: Int

  /// The entries of what gradients change.
  public var trainedEntries: some Sequence<TensorLayout.Entry> {
    layout.entries.prefix { $0.range.upperBound <= trainedCount }
  }

  /// Side of the kernel that the generator collapses to.
  public var kernelSide: Int { generatorKernels.reduce(1) { $0 + $1 - 1 } }
  /// Side of the generator's input that yields one patch at stride 2.
  public var inputSide: Int { 2 * (patchSide - 1) + kernelSide }
  /// Side of the discriminator's output map.
  public var mapSide: Int { patchSide - Self.discriminatorTaps + 1 }

  /// Floating-point operations of one adaptation step with one patch, two a multiply-add, as the layers are
  /// defined (nothing merged, the collapse not counted): the figure that fractions of peak refer to.
  public var nominalOperationsPerStep: Double {
    let w = Self.width
    let first = Self.colours * Self.discriminatorTaps * Self.discriminatorTaps * w
    let later = 5 * w * w + w
    // Three forward passes, one backward pass to the input, two to the weights, which leave the input out.
    let products = 4 * (first + later) + 2 * (first + 2 * later)
    return 2 * Double(mapSide * mapSide * products)
  }

  private static func appendGenerator(_ kernels: [Int], to layout: inout TensorLayout) {
    for (i, side) in kernels.enumerated() {
      let outputs = i == 5 ? 1 : width
      let inputs = i == 0 ? 1 : width
      layout.append("generator.conv\(i + 1).weight", [outputs, inputs, side, side])
    }
  }

  private static func appendDiscriminator(to layout: inout TensorLayout) {
    for l in 1...discriminatorLayers {
      let (outputs, inputs, side) = discriminatorShape(l)
      layout.append("discriminator.conv\(l).weight", [outputs, inputs, side, side])
      layout.append("discriminator.conv\(l).bias", [outputs])
      if normalisedLayers.contains(l) {
        layout.append("discriminator.norm\(l).weight", [width])
        layout.append("discriminator.norm\(l).bias", [width])
      }
    }
  }

  private static func appendSpectralVectors(to layout: inout TensorLayout) {
    for l in 1...discriminatorLayers {
      let (outputs, inputs, side) = discriminatorShape(l)
      layout.append("discriminator.conv\(l).u", [outputs])
      layout.append("discriminator.conv\(l).v", [inputs * side * side])
    }
  }

  private static func discriminatorShape(_ layer: Int) -> (outputs: Int, inputs: Int, side: Int) {
    switch layer {
    case 1: (width, colours, discriminatorTaps)
    case discriminatorLayers: (1, width, 1)
    default: (width, width, 1)
    }
  }
}
