public import CheckpointExchange
import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import ServiceLifecycle
import Synchronization

/// The HTTP server: the page, the runs and their checkpoints, and pictures worked on by request. One for each address;
/// ends with `close` or with the object.
public final class HTTPService: Sendable {
  /// Where it listens, with the port that the system chose where 0 was asked for.
  public let address: HTTPAddress
  private let group: ServiceGroup
  private let ended: DispatchSemaphore
  private let board: RunsBoard

  /// Listens when this returns.
  ///
  /// - Parameter runs: what is shown and served; nil for none.
  /// - Throws: `ServiceError`.
  public init(listeningAt address: HTTPAddress, runs: RunWatch?) throws(ServiceError) {
    board = RunsBoard(runs)
    let routes = Routes(page: try Page(), board: board)
    let start = Start()
    let application = Application(
      router: routes.router, server: .http1(),
      configuration: .init(
        address: .hostname(address.host, port: address.port), serverName: "metakernelgan",
        availableConnectionsDelegate: MaximumAvailableConnections(Self.mostConnections)),
      onServerRunning: { start.isListening(at: $0.localAddress?.port) }, logger: Self.silence)
    let group = ServiceGroup(services: [application], logger: Self.silence)
    let ended = DispatchSemaphore(value: 0)
    Task {
      do { try await group.run() } catch { start.hasFailed(error) }
      ended.signal()
    }
    (self.group, self.ended) = (group, ended)
    var listening = address
    do { listening.port = try start.wait() ?? address.port } catch {
      throw .cannotListen(address: "\(address)", cause: Self.cause(error))
    }
    self.address = listening
  }

  /// Takes no more requests and waits until those that run have been answered.
  public func close() {
    board.close()
    Task { [group] in await group.triggerGracefulShutdown() }
    ended.wait()
    ended.signal()
  }

  /// Far above what a fleet and its onlookers hold open, and far below what costs memory.
  private static let mostConnections = 512

  /// The server's own log speaks of connections, not of what was asked; answers say what was wrong.
  private static let silence = Logger(label: "http") { _ in SwiftLogNoOpLogHandler() }

  private static func cause(_ error: any Error) -> String {
    (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
  }
}

/// Waits until the server listens or has failed to.
private final class Start: Sendable {
  private let result = Mutex<Result<Int?, any Error>?>(nil)
  private let isKnown = DispatchSemaphore(value: 0)

  func isListening(at port: Int?) { settle(.success(port)) }
  func hasFailed(_ error: any Error) { settle(.failure(error)) }

  private func settle(_ new: Result<Int?, any Error>) {
    result.withLock { if $0 == nil { $0 = new } }
    isKnown.signal()
  }

  func wait() throws -> Int? {
    isKnown.wait()
    return try result.withLock { try $0?.get() ?? nil }
  }
}
