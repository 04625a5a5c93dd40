import Checkpoints
import Foresight
import Networks
import Numerics
import Platform

/// A training state cannot be read from this file, though its tensors can.
public enum TrainingCheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file's own hash is not that of its content.
  case damaged(file: String)
  /// Parameters without a training's state, such as converted weights.
  case noTrainingState(file: String, missing: String)

  public var description: String {
    switch self {
    case .damaged(let file):
      "\(file): its content does not have the hash that it was written with; use another checkpoint"
    case .noTrainingState(let file, let missing):
      "\(file): holds no training state (\(missing) is missing); it can be estimated with, not resumed"
    }
  }
}

extension TrainingState {
  private static let format = "metakernelgan-training-1"
  private static let moments = ["adam.first.", "adam.second."]

  /// The state as a checkpoint file: parameters, u, v and Adam's moments, and as metadata just what seed, step, data and
  /// settings determine, so that equal trainings give equal bytes whatever the time, host or number of workers.
  ///
  /// - Parameters:
  ///   - data: the data set's fingerprint.
  ///   - diverged: coordinates "step:index" of the tasks left out so far.
  public func encoded(data: String, diverged: [String] = []) throws -> [UInt8] {
    var file = SafeTensors(metadata: [
      "format": Self.format, "step": "\(step)", "adam_time": "\(time)", "data": data,
      "diverged": diverged.joined(separator: " "),
    ])
    let usual = TrainingSettings()
    for field in TrainingSettings.fields {
      // So trainings of before there was such a setting keep their bytes.
      if field.isLater, field.read(settings) == field.read(usual) { continue }
      file.metadata["training." + field.name] = field.read(settings)
    }
    file.tensors = parameters.networks.tensors
    if let prediction = parameters.prediction { file.tensors.merge(prediction.tensors()) { own, _ in own } }
    for (prefix, buffer) in zip(Self.moments, [first, second]) {
      for entry in TrainedParameters.trainedEntries(predicting: settings.predicts) {
        file.tensors[prefix + entry.name] = SafeTensors.Tensor(
          Array(buffer.values[entry.range]), shape: entry.shape)
      }
    }
    file.metadata["sha256"] = try SHA256.hex(of: file.encoded())
    return try file.encoded()
  }

  /// The state that a checkpoint file holds, and the rest of what it says.
  /// - Throws: `CheckpointError` and `TrainingCheckpointError`, which tell a missing file, a damaged one and one of
  ///   another architecture apart.
  public static func read(
    _ path: String
  ) throws -> (state: TrainingState, data: String, diverged: [String]) {
    let metadata = try verifiedMetadata(path)
    func value(_ key: String) throws -> String {
      guard let value = metadata[key] else {
        throw TrainingCheckpointError.noTrainingState(file: path, missing: key)
      }
      return value
    }
    func count(_ key: String) throws -> Int {
      guard let count = Int(try value(key)) else {
        throw TrainingCheckpointError.noTrainingState(file: path, missing: key)
      }
      return count
    }
    var settings = TrainingSettings()
    for field in TrainingSettings.fields {
      let key = "training." + field.name
      if field.isLater, metadata[key] == nil { continue }
      guard field.write(&settings, try value(key)) else {
        throw TrainingCheckpointError.noTrainingState(file: path, missing: key)
      }
    }
    let checkpoint = try Checkpoint(path: path, expecting: trainingLayout(predicting: settings.predicts))
    let state = try TrainingState(settings, from: checkpoint)
    for (prefix, buffer) in zip(moments, [state.first, state.second]) {
      for entry in TrainedParameters.trainedEntries(predicting: settings.predicts) {
        _ = UnsafeMutableBufferPointer(rebasing: buffer.values[entry.range]).update(
          fromContentsOf: checkpoint.values(prefix + entry.name))
      }
    }
    (state.step, state.time) = (try count("step"), try count("adam_time"))
    return (state, try value("data"), try value("diverged").split(separator: " ").map(String.init))
  }

  private static func trainingLayout(predicting: Bool) -> [(name: String, shape: [Int])] {
    let entries =
      Architecture.paper.layout.entries + (predicting ? PredictionParameters.layout.entries : [])
    var layout: [(name: String, shape: [Int])] = entries.map { ($0.name, $0.shape) }
    for prefix in moments {
      for entry in TrainedParameters.trainedEntries(predicting: predicting) {
        layout.append((prefix + entry.name, entry.shape))
      }
    }
    return layout
  }

  /// The hash in the metadata covers the tensors and the rest of the metadata.
  private static func verifiedMetadata(_ path: String) throws -> [String: String] {
    var file = try SafeTensors(path: path)
    guard let hash = file.metadata.removeValue(forKey: "sha256"), file.metadata["format"] == format else {
      throw TrainingCheckpointError.noTrainingState(file: path, missing: "sha256")
    }
    guard try SHA256.hex(of: file.encoded()) == hash else {
      throw TrainingCheckpointError.damaged(file: path)
    }
    return file.metadata
  }
}
