import Foundation
import Messages
public import Transport

/// A verified checkpoint in the cache, and how it was come by.
public struct FetchedCheckpoint: Sendable, Equatable {
  public enum Origin: Sendable, Equatable {
    /// The publisher said just now that this is it.
    case publisher
    /// It was asked for by its hash, which the cache has.
    case cache
    /// The publisher did not answer, for this reason; `age` seconds ago it said that this is it.
    case memory(age: Double, reason: String)
  }

  public let path: String
  /// Of the whole file.
  public let sha256: String
  /// Nil where it was asked for by its hash.
  public let run: String?, step: Int?
  public let origin: Origin

  /// One line for people.
  public var summary: String {
    let name = [run.map { "run \($0)" }, step.map { "step \($0)" }].compactMap { $0 }.joined(separator: ", ")
    let what = "sha256 \(sha256)" + (name.isEmpty ? "" : " (\(name))")
    switch origin {
    case .publisher: return what
    case .cache: return what + " from the cache"
    case .memory(let age, let reason):
      return what + " from the cache, as of \(Self.text(age)) ago, because: \(reason)"
    }
  }

  /// An age in its largest unit.
  static func text(_ seconds: Double) -> String {
    let units: [(Double, String)] = [(86_400, "d"), (3600, "h"), (60, "min")]
    for (size, unit) in units where seconds >= 2 * size { return "\(Int(seconds / size)) \(unit)" }
    return "\(Int(max(seconds, 0))) s"
  }
}

/// Gets checkpoints from one publisher through the cache. Used by one thread; `close` may be called from any.
public final class CheckpointClient: Sendable {
  public let source: CheckpointSource
  private let cache: CheckpointCache
  private let connection: PublisherConnection

  /// Seconds without any byte after which a publisher that was answering counts as gone.
  private let patience: Double

  /// - Throws: `TransportError`, where the address cannot be one.
  public init(
    _ context: Context, of source: CheckpointSource, into cache: CheckpointCache, security: Security = .none,
    patience: Double = 20
  ) throws(TransportError) {
    (self.source, self.cache, self.patience) = (source, cache, patience)
    connection = try PublisherConnection(context, to: source.endpoint, security)
  }

  /// Ends what waits with `ExchangeError.closed`.
  public func close() { connection.close() }

  /// The channel's checkpoint as it is now or, where the publisher does not answer, as it last was known to be.
  ///
  /// - Parameter seconds: to wait for an answer.
  /// - Throws: `ExchangeError`: `.unreachable` and `.stalled` only where nothing is cached.
  public func obtain(within seconds: Double = 5) throws(ExchangeError) -> FetchedCheckpoint {
    if case .sha256(let hash) = source.channel.channel, let path = cache.verifiedPath(of: hash) {
      return FetchedCheckpoint(path: path, sha256: hash, run: nil, step: nil, origin: .cache)
    }
    do {
      return try fetch { (connection) throws(ExchangeError) in
        try connection.ask(.describe(source.channel), within: seconds)
      }
    } catch {
      switch error {
      case .unreachable, .stalled, .corrupted, .notAPublisher, .notAdmitted:
        guard let remembered = remembered("\(error)") else { throw error }
        return remembered
      case .badSource, .noRuns, .refused, .cache, .closed: throw error
      }
    }
  }

  /// Waits until the channel stands for another file than `known`.
  ///
  /// - Returns: the new one; nil where there was none for `seconds`, 1 to 60.
  /// - Throws: `ExchangeError`.
  public func next(after known: String, within seconds: Int) throws(ExchangeError) -> FetchedCheckpoint? {
    let found = try fetch { (connection) throws(ExchangeError) in
      try connection.ask(
        .watch(source.channel, known: known, seconds: seconds), within: Double(seconds) + patience)
    }
    return found.sha256 == known ? nil : found
  }

  /// Asks which one, and fetches it where the cache has it not.
  private func fetch(
    _ ask: (PublisherConnection) throws(ExchangeError) -> PublisherReply.Body
  ) throws(ExchangeError) -> FetchedCheckpoint {
    var tries = 3
    while true {
      let reply = try ask(connection)
      guard case .checkpoint(let checkpoint) = reply else {
        throw .notAPublisher(endpoint: source.endpoint, cause: "it answers another question than was asked")
      }
      tries -= 1
      do { return try store(checkpoint) } catch {
        // A run may have moved on meanwhile, and what an earlier fetch left may have been bad.
        switch error {
        case .refused, .corrupted: if tries == 0 { throw error }
        default: throw error
        }
      }
    }
  }

  private func store(_ checkpoint: ServedCheckpoint) throws(ExchangeError) -> FetchedCheckpoint {
    let hash = checkpoint.sha256
    var path = cache.verifiedPath(of: hash)
    if path == nil {
      path = try cache.store(hash, size: checkpoint.size, from: source.endpoint) {
        (offset, take) throws(ExchangeError) in
        try connection.fetch(hash, from: offset, size: checkpoint.size, patience: patience, take)
      }
    }
    let memory = ChannelMemory(
      source: source.description, run: checkpoint.run, step: checkpoint.step, sha256: hash,
      asked: Date().timeIntervalSince1970)
    memory.keep(for: source, in: cache)
    return FetchedCheckpoint(
      path: path ?? cache.path(hash), sha256: hash, run: checkpoint.run, step: checkpoint.step,
      origin: .publisher)
  }

  private func remembered(_ reason: String) -> FetchedCheckpoint? {
    guard let memory = ChannelMemory.recall(source, in: cache),
      let path = cache.verifiedPath(of: memory.sha256)
    else { return nil }
    return FetchedCheckpoint(
      path: path, sha256: memory.sha256, run: memory.run, step: memory.step,
      origin: .memory(age: Date().timeIntervalSince1970 - memory.asked, reason: reason))
  }
}
