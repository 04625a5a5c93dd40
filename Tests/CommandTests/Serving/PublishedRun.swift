import Checkpoints
import Foundation
import MetaLearning
import Platform
import RunDirectory
import Support
import Testing

/// A folder of runs with one run of untrained checkpoints in it, and the programs that serve it.
struct PublishedRun {
  let fixtures: Fixtures
  private var store: CheckpointStore

  var runs: String { fixtures.path("runs") }
  /// Where whoever fetches checkpoints keeps them.
  var cache: String { fixtures.path("cache") }

  init() throws {
    fixtures = try Fixtures()
    store = CheckpointStore(try RunLease(RunFolder(fixtures.path("runs/mine"))))
  }

  /// Writes a checkpoint whose parameters no other step has.
  /// - Returns: its SHA-256.
  mutating func write(step: Int) throws -> String {
    var settings = TrainingSettings()
    settings.seed = UInt64(step)
    let path = try store.write(
      TrainingState(settings).encoded(data: "none"), step: step, sidecar: [String: String]())
    return try SHA256.hex(ofFile: path)
  }

  func start(_ arguments: [String]) throws -> RunningProgram {
    try RunningProgram(arguments, environment: [:], errors: fixtures.folder.file(UUID().uuidString))
  }

  /// - Parameter runs: another folder to serve than its own.
  func serve(
    _ runs: String? = nil, at address: String = "tcp://127.0.0.1:*"
  ) throws -> (program: RunningProgram, endpoint: String) {
    let program = try start(["serve", "--runs", runs ?? self.runs, "--listen", address, "--http", "off"])
    try program.waitForError("readable by")
    return (program, try program.endpoint())
  }
}

extension RunningProgram {
  /// The address in the last line that names one.
  func endpoint() throws -> String {
    let rest = try #require(errors.components(separatedBy: " at tcp").last)
    return "tcp" + rest.prefix { $0 != "," }
  }
}
