public import Checkpoints
public import Numerics

/// The parameters of the network that predicts kernels, at one moment, in one allocation: 144-160-96 on each tile, then
/// 720-224-128-5 on averages over the tiles, rectified. Owned by one thread at a time.
public final class PredictionParameters {
  /// Every tensor: those that training changes, then the constants. Names as in checkpoints.
  public static let layout: TensorLayout = {
    var layout = TensorLayout()
    for (name, shape) in trained + constants { layout.append("conditioning." + name, shape) }
    return layout
  }()

  /// What training changes: the first so many floats of `layout`.
  public static let trainedCount = trained.reduce(0) { $0 + $1.shape.reduce(1, *) }

  /// The entries of what training changes.
  public static var trainedEntries: some Sequence<TensorLayout.Entry> { layout.entries.prefix(trained.count) }

  private static let trained: [(name: String, shape: [Int])] = [
    ("tile1.weight", [TileNetwork.hidden, PowerSpectrum.frequencies]),
    ("tile1.bias", [TileNetwork.hidden]),
    ("tile2.weight", [TileNetwork.outputs, TileNetwork.hidden]),
    ("tile2.bias", [TileNetwork.outputs]),
    ("attention", [TileNetwork.heads, TileNetwork.outputs]),
    ("layer1.weight", [224, PowerSpectrum.count + TileNetwork.count]),
    ("layer1.bias", [224]),
    ("layer2.weight", [128, 224]),
    ("layer2.bias", [128]),
    ("layer3.weight", [PredictedGaussian.outputs, 128]),
    ("layer3.bias", [PredictedGaussian.outputs]),
  ]

  /// Statistics of the training set's spectra, averaged over a picture and of single tiles.
  private static let constants: [(name: String, shape: [Int])] = [
    ("mean", [PowerSpectrum.count]),
    ("deviation", [PowerSpectrum.count]),
    ("tile-mean", [PowerSpectrum.frequencies]),
    ("tile-deviation", [PowerSpectrum.frequencies]),
  ]

  package let buffer: FloatBuffer

  /// All zero.
  public init() { buffer = FloatBuffer(Self.layout.count) }

  /// From all values in the order of `layout`.
  public convenience init(values: some Collection<Float>) {
    self.init()
    buffer.load(values)
  }

  /// A fresh start, drawn from `key`: weights, biases and constants uniform on +-1/sqrt(fan-in). A training measures the
  /// constants before its first step.
  public convenience init(freshFrom key: UInt64) {
    var random = Philox(key: Philox.key(key, .initialisation))
    self.init()
    drawTrained(&random)
    drawConstants(&random)
  }

  package func drawTrained(_ random: inout Philox) {
    for entry in Self.trainedEntries { Self.layout.drawUniform(entry, into: buffer, using: &random) }
  }

  package func drawConstants(_ random: inout Philox) {
    for entry in Self.layout.entries.dropFirst(Self.trained.count) {
      Self.layout.drawUniform(entry, into: buffer, using: &random)
    }
  }

  public var values: [Float] { buffer.array }

  /// The values of one tensor, in its own order; empty for an unknown name.
  public func values(_ name: String) -> [Float] {
    Self.layout[name].map { Array(buffer.values[$0.range]) } ?? []
  }

  /// Takes the other's values without allocating.
  public func load(_ other: PredictionParameters) { buffer.load(other.buffer) }

  package subscript(name: String) -> UnsafeMutablePointer<Float> {
    buffer.pointer + Self.entry(name).offset
  }

  /// - Precondition: `name` is one of the layout's, as all that this program writes out are.
  static func entry(_ name: String) -> TensorLayout.Entry {
    guard let entry = layout[name] else { preconditionFailure("no tensor \(name)") }
    return entry
  }
}

extension PredictionParameters {
  /// Every tensor by its name in checkpoints.
  /// - Parameter halved: whether values are rounded to half precision.
  public func tensors(halved: Bool = false) -> [String: SafeTensors.Tensor] {
    let pairs = Self.layout.entries.map { entry in
      (entry.name, SafeTensors.Tensor(values(entry.name), shape: entry.shape, halved: halved))
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }
}

extension Checkpoint.Layout {
  /// The network that predicts kernels.
  public static let prediction = Checkpoint.Layout(
    PredictionParameters.layout.entries.map { ($0.name, $0.shape) })
}

extension Checkpoint {
  /// The parameters of the network that predicts kernels; nil where the checkpoint was read without them.
  public var prediction: PredictionParameters? {
    guard holds(.prediction) else { return nil }
    return PredictionParameters(values: PredictionParameters.layout.entries.flatMap { values($0.name) })
  }
}
