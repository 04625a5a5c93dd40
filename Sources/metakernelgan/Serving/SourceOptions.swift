import ArgumentParser
import CheckpointExchange
import Checkpoints
import Foundation
import Transport

/// Where a checkpoint comes from that is served somewhere; shared by the commands that take one.
struct SourceOptions: ParsableArguments {
  @Option(
    name: .customLong("from"),
    help: ArgumentHelp(
      "Fetch the checkpoint from a `metakernelgan serve`; without a channel, latest. CHANNEL is [RUN/]latest, "
        + "[RUN/]best, [RUN/]step:N or sha256:HASH.",
      valueName: "tcp://host:port[#channel]"))
  var from: String?

  @Option(
    help:
      "Where fetched checkpoints are kept. (default: $XDG_CACHE_HOME/metakernelgan or ~/.cache/metakernelgan)",
    completion: .directory)
  var cache: String?

  @OptionGroup var security: ClientKeyOptions

  func validate() throws {
    if let from { do { _ = try CheckpointSource(from) } catch { throw ValidationError("\(error)") } }
  }

  /// Nil without `--from`.
  func source() throws -> CheckpointSource? { try from.map { text in try CheckpointSource(text) } }

  /// - Throws: `ExchangeError.cache`.
  func openCache() throws -> CheckpointCache {
    try CheckpointCache(folder: cache ?? CheckpointCache.standardFolder)
  }

  /// The checkpoint that `--from` names, verified and in the cache; nil without it.
  /// - Throws: exit code 78 with one line.
  func fetch() throws -> FetchedCheckpoint? {
    do {
      guard let source = try source() else { return nil }
      let client = try CheckpointClient(
        Context(), of: source, into: openCache(), security: security.load(as: "reader"))
      defer { client.close() }
      return try client.obtain()
    } catch { throw Exit.because("\(error)", Exit.configuration) }
  }
}

extension FetchedCheckpoint {
  /// Between its verification and its reading the file may have been touched.
  /// - Throws: exit code 78 with one line where it is another now.
  func require(_ used: Checkpoint?) throws {
    guard let used, used.sha256 != sha256 else { return }
    throw Exit.because("\(path): changed while it was read; try again", Exit.configuration)
  }
}
