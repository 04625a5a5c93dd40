import Checkpoints
import Foresight
import Imaging

/// The prediction networks of a method, and which of them are used for which pictures.
struct PredictionWeights: Sendable {
  private struct Route: Sendable {
    let scale: Int, wasJPEG: Bool
    let checkpoints: [Checkpoint]
  }

  /// Empty where one network is used for every picture.
  private let routes: [Route]
  /// Every checkpoint once.
  let all: [Checkpoint]

  /// Uses one network for every picture.
  init(only checkpoint: Checkpoint) { (routes, all) = ([], [checkpoint]) }

  /// The shipped networks, by the table `ShippedWeights.routes`.
  /// - Throws: `EstimationError.noCheckpoint` where one is missing, `CheckpointError`.
  static func shipped(in folder: String?) throws -> PredictionWeights {
    let checkpoints = try ShippedWeights.File.predicting.map { ($0, try ShippedWeights.open($0, in: folder)) }
    let byFile = Dictionary(uniqueKeysWithValues: checkpoints)
    let routes = ShippedWeights.routes.map { route in
      Route(
        scale: route.scale, wasJPEG: route.wasJPEG, checkpoints: route.files.compactMap { byFile[$0] })
    }
    return PredictionWeights(routes: routes, all: checkpoints.map(\.1))
  }

  private init(routes: [Route], all: [Checkpoint]) { (self.routes, self.all) = (routes, all) }

  /// The checkpoints whose predictions are averaged for a picture, the most important first.
  /// - Parameter wasJPEG: whether the picture has traces of JPEG; evaluated only where the result depends on it, since
  ///   finding traces takes time.
  func checkpoints(scale: Int, wasJPEG: @autoclosure () -> Bool) -> [Checkpoint] {
    guard !routes.isEmpty else { return all }
    let wasJPEG = wasJPEG()
    return routes.first { $0.scale == scale && $0.wasJPEG == wasJPEG }?.checkpoints ?? Array(all.prefix(1))
  }
}
