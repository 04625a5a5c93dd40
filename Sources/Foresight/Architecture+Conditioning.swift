public import Checkpoints
public import Networks

extension Architecture {
  /// The paper's networks and the one that foresees a picture's kernel from its spectrum: 144-160-96 on each tile, then
  /// 720-224-128-5 on averages over the tiles, rectified.
  public static let conditioned = Architecture(
    generatorKernels: paper.generatorKernels, patchSide: paper.patchSide,
    companions: [
      Companion("conditioning.tile1.weight", [TileNetwork.hidden, PowerSpectrum.frequencies]),
      Companion("conditioning.tile1.bias", [TileNetwork.hidden]),
      Companion("conditioning.tile2.weight", [TileNetwork.outputs, TileNetwork.hidden]),
      Companion("conditioning.tile2.bias", [TileNetwork.outputs]),
      Companion("conditioning.attention", [TileNetwork.heads, TileNetwork.outputs]),
      Companion("conditioning.layer1.weight", [224, PowerSpectrum.count + TileNetwork.count]),
      Companion("conditioning.layer1.bias", [224]),
      Companion("conditioning.layer2.weight", [128, 224]),
      Companion("conditioning.layer2.bias", [128]),
      Companion("conditioning.layer3.weight", [PredictedGaussian.outputs, 128]),
      Companion("conditioning.layer3.bias", [PredictedGaussian.outputs]),
      // Of the training set's spectra, averaged over a picture and of single tiles.
      Companion("conditioning.mean", [PowerSpectrum.count], isTrained: false),
      Companion("conditioning.deviation", [PowerSpectrum.count], isTrained: false),
      Companion("conditioning.tile-mean", [PowerSpectrum.frequencies], isTrained: false),
      Companion("conditioning.tile-deviation", [PowerSpectrum.frequencies], isTrained: false),
    ])

  /// Whether states of this architecture hold the network that foresees kernels.
  public var isConditioned: Bool { trainedCount > adaptedCount }
}

extension Checkpoint {
  /// Reads the parameters of a checkpoint with or without the network that foresees kernels, whichever it is.
  /// - Throws: `CheckpointError`.
  public init(anyOf path: String) throws {
    try self.init(path: path) { names in
      Architecture.of(names).layout.entries.map { ($0.name, $0.shape) }
    }
  }

  /// Reads what foresees kernels alone, of a checkpoint that may hold nothing else.
  /// - Throws: `CheckpointError`.
  public init(foresightOf path: String) throws {
    try self.init(
      path: path, expecting: Architecture.conditioned.companionEntries.map { ($0.name, $0.shape) })
  }

  /// The architecture whose parameters were read.
  public var architecture: Architecture { holds("conditioning.mean") ? .conditioned : .paper }

  /// The state that the checkpoint holds.
  public var state: NetworkState { state(architecture) }
}

extension Architecture {
  fileprivate static func of(_ names: Set<String>) -> Architecture {
    names.contains("conditioning.mean") ? .conditioned : .paper
  }
}
