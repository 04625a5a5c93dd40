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
  private let access: AccessLog?

  /// Listens when this returns.
  ///
  /// - Parameters:
  ///   - runs: what is shown and served; nil for none.
  ///   - pictures: what is done to the pictures that are sent.
  /// - Throws: `ServiceError`.
  public init(
    listeningAt address: HTTPAddress, runs: RunWatch?, pictures: any PictureWork, _ settings: HTTPSettings
  ) throws(ServiceError) {
    let tokens = try settings.tokens(for: address)
    let clients = Clients(settings.limits)
    let parts = try Self.parts(runs, pictures: pictures, settings)
    (board, queue) = (parts.board, parts.pictures.queue)
    let door = Doorkeeper(address, names: settings.hostNames, tokens: tokens, files: parts.files)
    access = try Self.accessLog(settings)
    let reception = Reception(
      metrics: Metrics(), limits: settings.limits, clients: clients, door: door, access: access,
      log: settings.log)
    let start = Start()
    let application = Self.application(
      at: address, Routes(parts, reception), server: Self.channel(settings.limits, clients),
      connections: FileLimit.connections(atMost: settings.limits.connections, share: 4),
      onStart: { start.isListening(at: $0) })
    let group = ServiceGroup(services: [application], logger: Self.silence)
    let ended = DispatchSemaphore(value: 0)
    Task {
      do { try await group.run() } catch { start.hasFailed(error) }
      ended.signal()
    }
    (self.group, self.ended) = (group, ended)
    var listening = address
    do { listening.port = try start.wait() ?? address.port } catch {
      board.close()
      queue.stop()
      access?.close()
      throw .cannotListen(address: "\(address)", cause: Self.cause(error))
    }
    self.address = listening
  }

  private static func parts(
    _ runs: RunWatch?, pictures: any PictureWork, _ settings: HTTPSettings
  ) throws(ServiceError) -> Routes.Parts {
    let files = try ServiceFiles()
    do {
      return Routes.Parts(
        files: files, board: try RunsBoard(runs), checkpoints: CheckpointDesk(runs),
        pictures: try PictureDesk(pictures, settings.limits, log: settings.log),
        streams: StreamPlaces(settings.limits))
    } catch { throw .noThread("\(error)") }
  }

  private static func accessLog(_ settings: HTTPSettings) throws(ServiceError) -> AccessLog? {
    guard let path = settings.accessLog else { return nil }
    do { return try AccessLog(path, log: settings.log) } catch { throw .noThread("\(error)") }
  }

  private static func application(
    at address: HTTPAddress, _ routes: Routes, server: HTTP1Channel.Configuration, connections: Int,
    onStart: @escaping @Sendable (Int?) -> Void
  ) -> some Service {
    Application(
      router: routes.router, server: .http1(configuration: server),
      configuration: .init(
        address: .hostname(address.host, port: address.port), serverName: "metakernelgan",
        availableConnectionsDelegate: MaximumAvailableConnections(connections, logger: silence)),
      onServerRunning: { onStart($0.localAddress?.port) }, logger: silence)
  }

  /// Takes no more requests and waits until those that run have been answered.
  public func close() {
    board.close()
    Task { [group] in await group.triggerGracefulShutdown() }
    ended.wait()
    ended.signal()
    queue.stop()
    access?.close()
  }

  private static func channel(_ limits: Limits, _ clients: Clients) -> HTTP1Channel.Configuration {
    .init(
      additionalChannelHandlers: [ConnectionWatch(clients)], idleTimeout: .seconds(Int64(limits.head)),
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
