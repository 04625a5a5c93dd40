public import Foresight
public import Networks
import Numerics

/// Everything that a training changes: generator and discriminator, and the prediction network's parameters where its
/// algorithm trains one. Owned by one thread at a time, as its parts are.
public struct TrainedParameters {
  public let networks: NetworkState
  /// Nil where kernels are not predicted.
  public let prediction: PredictionParameters?

  public init(networks: NetworkState, prediction: PredictionParameters? = nil) {
    (self.networks, self.prediction) = (networks, prediction)
  }

  /// A fresh start, drawn from `key`. The order of the draws is part of every training's result: both networks' weights,
  /// the prediction network's, the vectors u and v, the prediction network's constants.
  public init(freshFrom key: UInt64, predicting: Bool) {
    var random = Philox(key: Philox.key(key, .initialisation))
    let prediction = predicting ? PredictionParameters() : nil
    networks = NetworkState(.paper, drawing: &random) { prediction?.drawTrained(&$0) }
    prediction?.drawConstants(&random)
    self.prediction = prediction
  }

  /// From all values in the order of `values`, as many as `count` says.
  public init(values: [Float], predicting: Bool) {
    let split = Architecture.paper.layout.count
    networks = NetworkState(.paper, values: Array(values[..<split]))
    prediction = predicting ? PredictionParameters(values: values[split...]) : nil
  }

  /// All values, the networks' first.
  public var values: [Float] { networks.values + (prediction?.values ?? []) }

  /// How many values there are.
  public static func count(predicting: Bool) -> Int {
    Architecture.paper.layout.count + (predicting ? PredictionParameters.layout.count : 0)
  }

  /// How many of them gradients change. A gradient has the generator's first, then the discriminator's, then the
  /// prediction network's.
  public static func trainedCount(predicting: Bool) -> Int {
    Architecture.paper.trainedCount + (predicting ? PredictionParameters.trainedCount : 0)
  }
}

extension TrainedParameters {
  typealias Entry = (name: String, shape: [Int], range: Range<Int>)

  /// The tensors that gradients change, with their places in a gradient.
  static func trainedEntries(predicting: Bool) -> [Entry] {
    let networks: [Entry] = Architecture.paper.trainedEntries.map { ($0.name, $0.shape, $0.range) }
    guard predicting else { return networks }
    let start = Architecture.paper.trainedCount
    let prediction: [Entry] = PredictionParameters.trainedEntries.map { entry in
      (entry.name, entry.shape, start + entry.range.lowerBound..<start + entry.range.upperBound)
    }
    return networks + prediction
  }

  /// Where the parameters lie that a gradient changes in this range.
  /// - Precondition: the range lies within the networks or within the prediction network.
  func trained(_ range: Range<Int>) -> UnsafeMutablePointer<Float> {
    let start = Architecture.paper.trainedCount
    guard let prediction, range.lowerBound >= start else {
      return networks.buffer.pointer + range.lowerBound
    }
    return prediction.buffer.pointer + (range.lowerBound - start)
  }
}
