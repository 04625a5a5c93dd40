import Foundation
import Platform

/// The folder of one training run and the places of its parts. A value of paths only: looking one up touches no disk.
public struct RunFolder: Sendable, Equatable {
  public let path: String

  public init(_ path: String) { self.path = path }

  /// The folder's own name, for people.
  public var name: String {
    let last = path.split(separator: "/").last.map(String.init) ?? ""
    // "." and ".." have their names elsewhere.
    guard ["", ".", ".."].contains(last) else { return last }
    return URL(filePath: path).resolvingSymlinksInPath().lastPathComponent
  }
  /// By what the run's messages are told from those of any other.
  public var identifier: String { path + "/run-id" }
  /// Folder of the training checkpoints; see `CheckpointStore`.
  public var checkpoints: String { path + "/checkpoints" }
  /// Folder of the TensorBoard event files.
  public var events: String { path + "/events" }
  /// What the holder of `RunLease` keeps locked.
  public var lease: String { path + "/lease" }
  /// How often the lease has been taken, as decimal text.
  public var incarnation: String { path + "/incarnation" }
  /// Where the coordinator listens; see `PublishedAddress`.
  public var address: String { path + "/address" }
  /// How the training stands; see `RunStatus`.
  public var statusFile: String { path + "/status.json" }
  public var log: String { path + "/train.log" }
  public var configuration: String { path + "/config.yaml" }
  /// The training pictures, decoded.
  public var pictures: String { path + "/pictures.data" }

  /// Creates the folder, its parents and the folders in it where they are missing.
  /// - Throws: `RunDirectoryError.refused`.
  public func create() throws(RunDirectoryError) {
    for folder in [path, checkpoints, events] {
      do {
        try Folder.make(folder)
      } catch {
        throw .refused(.create, file: folder, cause: systemCause(error))
      }
    }
  }

  /// The text that the run was configured with, nil before the first `saveConfiguration`.
  /// - Throws: `RunDirectoryError.refused`.
  public func loadConfiguration() throws(RunDirectoryError) -> String? {
    guard let bytes = try contents(of: configuration) else { return nil }
    guard let text = String(bytes: bytes, encoding: .utf8) else {
      throw .refused(.read, file: configuration, cause: "it is not UTF-8 text")
    }
    return text
  }

  /// Puts `text` in the place of what was there, whole or not at all.
  /// - Throws: `RunDirectoryError.refused`.
  public func saveConfiguration(_ text: String) throws(RunDirectoryError) {
    try replace(configuration, with: Array(text.utf8))
  }
}
