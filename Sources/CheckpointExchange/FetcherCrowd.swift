import Checkpoints
import Foundation
import Messages
import Platform
public import Transport

/// Many estimators in one process that fetch the same checkpoint at once, for measurements: real connections and real
/// hashes, but no cache.
public final class FetcherCrowd: Sendable {
  public struct Outcome: Sendable {
    public let seconds: Double
    /// Of all together.
    public let bytes: Int
    /// Fetchers that failed, or whose bytes did not have the hash.
    public let wrong: Int
  }

  private let connections: [PublisherConnection]

  /// - Throws: `TransportError`.
  public init(
    _ context: Context, _ endpoint: String, count: Int, security: Security = .none
  ) throws(TransportError) {
    var connections: [PublisherConnection] = []
    for _ in 0..<count {
      connections.append(try PublisherConnection(context, to: endpoint, security))
    }
    self.connections = connections
  }

  /// Has each ask what there is, then all fetch together, each on a thread of its own.
  /// - Throws: `ExchangeError`, where the publisher does not answer.
  public func fetch() throws(ExchangeError) -> Outcome {
    let checkpoint = try latest()
    let state = Monitor((left: connections.count, wrong: 0))
    let begin = ContinuousClock.now
    for connection in connections {
      Thread {
        let isRight = Self.fetch(checkpoint, over: connection)
        state.update { $0 = ($0.left - 1, $0.wrong + (isRight ? 0 : 1)) }
      }.start()
    }
    let wrong = state.wait { $0.left == 0 ? $0.wrong : nil } ?? 0
    let span = begin.duration(to: .now).components
    return Outcome(
      seconds: Double(span.seconds) + Double(span.attoseconds) * 1e-18,
      bytes: connections.count * checkpoint.size, wrong: wrong)
  }

  /// As all are told; after this all are connected.
  private func latest() throws(ExchangeError) -> ServedCheckpoint {
    var latest: ServedCheckpoint?
    for connection in connections {
      guard case .checkpoint(let checkpoint) = try connection.ask(.describe(ChannelName(.latest)), within: 60)
      else { break }
      latest = checkpoint
    }
    guard let latest else {
      throw .notAPublisher(
        endpoint: connections.first?.endpoint ?? "nobody", cause: "it answers another question than was asked"
      )
    }
    return latest
  }

  private static func fetch(_ checkpoint: ServedCheckpoint, over connection: PublisherConnection) -> Bool {
    do {
      let digest = try SHA256()
      try connection.fetch(checkpoint.sha256, from: 0, size: checkpoint.size, patience: 60) {
        (bytes) throws(ExchangeError) in
        do { try digest.update(bytes) } catch {
          throw .cache(.read, file: checkpoint.sha256, cause: "\(error)")
        }
      }
      return try digest.finish() == checkpoint.sha256
    } catch { return false }
  }
}
