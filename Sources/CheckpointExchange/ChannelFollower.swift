import Foundation
import Platform
public import Transport

/// Keeps up with a channel on a thread of its own: tells of each new checkpoint once it is verified and in the cache.
public final class ChannelFollower: Sendable {
  public enum News: Sendable, Equatable {
    case checkpoint(FetchedCheckpoint)
    /// The publisher cannot be reached or says no; told once until it changes. What was told before stays usable.
    case trouble(String)
  }

  private let client: CheckpointClient
  private let isStopped = Monitor(false)
  private let isDone = Monitor(false)
  private let handle: @Sendable (News) -> Void

  /// - Parameter handle: called on the follower's thread.
  /// - Throws: `TransportError`, where the address cannot be one.
  public init(
    _ context: Context, of source: CheckpointSource, into cache: CheckpointCache, security: Security = .none,
    handle: @escaping @Sendable (News) -> Void
  ) throws(TransportError) {
    client = try CheckpointClient(context, of: source, into: cache, security: security)
    self.handle = handle
    Thread { [self] in
      follow()
      isDone.update { $0 = true }
    }.start()
  }

  /// Ends the thread and waits for it.
  public func stop() {
    isStopped.update { $0 = true }
    client.close()
    _ = isDone.wait { $0 ? true : nil }
  }

  private func follow() {
    var known: String?
    var trouble: String?
    while !isStopped.update({ $0 }) {
      do {
        if let found = try next(after: known) {
          known = found.sha256
          handle(.checkpoint(found))
        }
        trouble = nil
      } catch {
        if error != .closed, trouble != error.description { handle(.trouble(error.description)) }
        trouble = error.description
        _ = isStopped.wait(until: .after(1), for: { $0 ? true : nil })
      }
    }
  }

  private func next(after known: String?) throws(ExchangeError) -> FetchedCheckpoint? {
    guard let known else { return try client.obtain() }
    return try client.next(after: known, within: 30)
  }
}
