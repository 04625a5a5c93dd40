import CheckpointExchange
import Restoration
import Synchronization
import Transport

/// What finds the next picture's kernel. Whoever takes it keeps it to the end of a picture, so that a new
/// checkpoint disturbs none.
final class CurrentRestorer: Sendable {
  private let restorer = Mutex<Restorer?>(nil)
  private let follower = Mutex<ChannelFollower?>(nil)
  private let onChange: @Sendable () -> Void

  /// Loads it, or begins to follow the channel of `source`, whose first checkpoint may be long in coming.
  ///
  /// - Parameter onChange: called when there is another, on any thread.
  /// - Throws: exit code 78 with one line.
  init(
    _ estimation: EstimationOptions, _ source: SourceOptions, log: @escaping @Sendable (String) -> Void,
    onChange: @escaping @Sendable () -> Void
  ) throws {
    self.onChange = onChange
    do {
      guard let channel = try source.source() else {
        let loaded = try Restorer.load(Self.options(estimation))
        restorer.withLock { $0 = loaded }
        return
      }
      let following = try ChannelFollower(
        Context(), of: channel, into: source.openCache(), security: source.security.load(as: "reader")
      ) { [weak self] news in
        switch news {
        case .checkpoint(let found): self?.take(found, estimation, log: log)
        case .trouble(let text): Console.complain(text)
        }
      }
      follower.withLock { $0 = following }
    } catch let error as ExchangeError {
      throw Exit.because("\(error)", Exit.configuration)
    } catch let error as TransportError {
      throw Exit.because("\(error)", Exit.configuration)
    }
  }

  /// Nil until the first is there.
  var now: Restorer? { restorer.withLock { $0 } }

  func stop() { follower.withLock { $0.take() }?.stop() }

  private func take(
    _ found: FetchedCheckpoint, _ estimation: EstimationOptions, log: (String) -> Void
  ) {
    do {
      let loaded = try Restorer(Self.options(estimation, fetched: found.path))
      guard loaded.method?.checkpoint?.sha256 == found.sha256 else {
        return Console.complain("\(found.path): changed while it was read; the former checkpoint stays")
      }
      restorer.withLock { $0 = loaded }
      log("from the next picture on, checkpoint \(found.summary)")
      onChange()
    } catch { Console.complain("\(error); the former checkpoint stays") }
  }

  private static func options(_ estimation: EstimationOptions, fetched: String? = nil) -> Restorer.Options {
    var options = estimation.restorerOptions(fetched: fetched)
    options.enlarges = false
    return options
  }
}
