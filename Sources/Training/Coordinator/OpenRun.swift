import Checkpoints
import Foresight
import Foundation
import Messages
import MetaLearning
import Networks
import Platform
import RunDirectory
import TrainingData

/// A run's folder with all that a coordinator begins with: settings, pictures and the exact state to go on from.
struct OpenRun {
  let lease: RunLease
  let configuration: RunConfiguration
  let pictures: PictureSet
  let state: TrainingState
  let diverged: [String]
  let store: CheckpointStore
  /// Tells this run's messages from those of any other.
  let identifier: String
  /// What the user should hear about how it was opened.
  var remarks: [String] = []
  /// Whether another coordinator's end had to be waited for, 0 or 1.
  let leaseWaits: Int

  /// Takes the lease and resumes from the newest good checkpoint, or starts afresh.
  ///
  /// - Parameters:
  ///   - force: goes on although data or settings are not those of the checkpoint.
  ///   - waitForLease: seconds to wait for another coordinator to end.
  ///   - log: told of what takes long.
  /// - Throws: what `RunDirectory`, `TrainingData` and the checkpoints throw, and `TrainingError`.
  init(
    _ folder: RunFolder, _ configuration: RunConfiguration, force: Bool, waitForLease: Double,
    log: (String) -> Void
  ) throws {
    var waits = 0
    lease = try RunLease(folder, waiting: waitForLease) { holder in
      waits = 1
      log("waiting for the run, which is in use by \(holder?.description ?? "another process")")
    }
    leaseWaits = waits
    self.configuration = configuration
    let (settings, run) = (configuration.training, configuration.run)
    pictures = try PictureSet(configuration.pictureSource, file: folder.pictures)
    remarks += pictures.skipped.map { "\(quoted($0.path)) is left out: \($0.reason)" }
    if let preset = run.preset {
      remarks.append("settings of the preset \(preset), and what was set besides")
    }
    var store = CheckpointStore(lease, retention: Retention(last: run.keepLast, every: run.keepEvery))
    let found = try store.newest { try TrainingState.read($0) }
    self.store = store
    remarks += found?.skipped.map { "\($0.path) cannot be used: \($0.reason)" } ?? []
    if let found {
      let (read, data) = (found.state.state, found.state.data)
      if !force {
        try Self.require(settings, equalTo: read.settings, of: found.path)
        try Self.require(data: pictures.fingerprint, equalTo: data, of: found.path)
      }
      state = read.settings == settings ? read : try read.with(settings)
      diverged = found.state.diverged
      remarks.append("resuming after \(read.step) steps from \(found.path)")
    } else {
      let start = try Self.start(configuration)
      state = try start.map { try TrainingState(settings, from: $0) } ?? TrainingState(settings)
      diverged = []
      if start?.prediction == nil { try state.survey(TaskSampler(pictures, settings)) }
      remarks += start.map { ["beginning with the parameters of \($0.path)"] } ?? []
    }
    identifier = try Self.identifier(folder)
    try folder.saveConfiguration(configuration.yaml)
  }

  /// The checkpoint that a fresh run begins with, held to the hash that the settings name.
  private static func start(_ configuration: RunConfiguration) throws -> Checkpoint? {
    guard let sha256 = configuration.training.start else { return nil }
    guard let file = configuration.run.start else { throw TrainingError.noStart(sha256: sha256) }
    let checkpoint = try Checkpoint(path: file, anyOf: [.networks, .prediction])
    guard checkpoint.sha256 == sha256 else {
      throw TrainingError.otherStart(file: file, sha256: sha256, actual: checkpoint.sha256)
    }
    return checkpoint
  }

  private static func require(
    _ asked: TrainingSettings, equalTo saved: TrainingSettings, of path: String
  ) throws(TrainingError) {
    for field in TrainingSettings.fields where field.read(saved) != field.read(asked) {
      throw .otherSettings(file: path, key: field.name, saved: field.read(saved), asked: field.read(asked))
    }
  }

  private static func require(
    data actual: String, equalTo saved: String, of path: String
  ) throws(TrainingError) {
    if saved != actual { throw .otherData(file: path, saved: saved, actual: actual) }
  }

  private static func identifier(_ folder: RunFolder) throws -> String {
    if let bytes = try? readFile(folder.identifier), !bytes.isEmpty {
      let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
      guard isName(text) else { throw TrainingError.damagedIdentifier(file: folder.identifier) }
      return text
    }
    let fresh = UUID().uuidString
    try writeAtomically(Array(fresh.utf8), to: folder.identifier)
    return fresh
  }
}
