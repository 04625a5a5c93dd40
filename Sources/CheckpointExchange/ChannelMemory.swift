import Checkpoints
import Foundation
import Platform

/// What a channel was last known to stand for, kept beside the cached files for times without the publisher.
struct ChannelMemory: Codable, Equatable {
  let source: String
  let run: String
  let step: Int
  let sha256: String
  /// Seconds since 1970, when the publisher last said so.
  let asked: Double

  private static func path(_ source: CheckpointSource, _ cache: CheckpointCache) -> String? {
    (try? SHA256.hex(of: Array(source.description.utf8))).map {
      "\(cache.folder)/channel-\($0.prefix(16)).json"
    }
  }

  /// Nil where nothing, or nothing readable, is known of this channel.
  static func recall(_ source: CheckpointSource, in cache: CheckpointCache) -> ChannelMemory? {
    guard let path = path(source, cache), let bytes = try? Data(contentsOf: URL(filePath: path)),
      let memory = try? JSONDecoder().decode(ChannelMemory.self, from: bytes),
      memory.source == source.description
    else { return nil }
    return memory
  }

  /// A cache that cannot be written to any more costs no estimate.
  func keep(for source: CheckpointSource, in cache: CheckpointCache) {
    guard let path = Self.path(source, cache), let bytes = try? JSONEncoder().encode(self) else { return }
    try? writeAtomically(Array(bytes), to: path)
  }
}
