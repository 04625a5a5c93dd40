public import CheckpointExchange
import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
import Platform
internal import ServiceLifecycle
import Synchronization

/// The HTTP server: the page, the runs and their checkpoints, and pictures worked on by request. One for each address;
/// ends with `close`.
public final class HTTPService: Sendable {
  /// Where it listens, with the port that the system chose where 0 was asked for.
  public let address: HTTPAddress
  private let group: ServiceGroup
  private let ended: DispatchSemaphore
  private let board: RunsBoard
  private let queue: WorkQueue

  /// Listens when this returns.
  ///
  /// - Parameters:
  ///   - runs: what is shown and served; nil for none.
  ///   - pictures: what is done to the pictures that are sent.
  /// - Throws: `ServiceError`.
  public init(
    listeningAt address: HTTPAddress, runs: RunWatch?, pictures: any PictureWork, _ limits: Limits
  ) throws(ServiceError) {
    let files = try ServiceFiles()
    let desk = PictureDesk(pictures, limits)
    (board, queue) = (RunsBoard(runs), desk.queue)
    let routes = Routes(files, board, CheckpointDesk(runs), desk, limits)
    let start = Start()
    let application = Application(
      router: routes.router, server: .http1(configuration: Self.channel(limits)),
      configuration: .init(
        address: .hostname(address.host, port: address.port), serverName: "metakernelgan",
        availableConnectionsDelegate: MaximumAvailableConnections(limits.connections, logger: Self.silence)),
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
    queue.stop()
  }

  private static func channel(_ limits: Limits) -> HTTP1Channel.Configuration {
    .init(
      idleTimeout: .seconds(Int64(limits.head)),
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))
  }

  /// The server's own log speaks of connections, not of what was asked; answers say what was wrong.
  private static let silence = Logger(label: "http") { _ in SwiftLogNoOpLogHandler() }

  private static func cause(_ error: any Error) -> String {
    (error as? IOError).map { systemText($0.errnoCode) } ?? "\(error)"
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
