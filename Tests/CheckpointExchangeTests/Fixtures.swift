import CheckpointExchange
import Checkpoints
import Foundation
import Messages
import Platform
import RunDirectory
import Support
import Testing
import Transport

/// One by one: they depend on the machine keeping up.
@Suite(.serialized) enum CheckpointExchangeTests {}

/// What the fixtures' publisher does not accept.
struct Bad: Error, CustomStringConvertible { let description = "it begins with a zero" }

/// Runs that somebody trains in, with their leases taken, and a publisher of them.
final class Runs {
  let folder: TemporaryFolder
  private var stores: [String: CheckpointStore] = [:]
  let log = Log<String>()

  init() throws { folder = try TemporaryFolder() }

  var path: String { folder.file("runs").path }

  /// - Returns: the SHA-256 of what was written.
  @discardableResult
  func write(_ run: String, step: Int, _ bytes: [UInt8], psnr: Double? = nil, keep: Int = 9) throws -> String
  {
    var store =
      try stores[run]
      ?? CheckpointStore(
        RunLease(RunFolder(path + "/" + run)), retention: Retention(last: keep))
    try store.write(bytes, step: step, sidecar: [String: String]())
    if let psnr { try store.recordEvaluation(step: step, before: psnr - 8, after: psnr, tasks: 4) }
    stores[run] = store
    return try SHA256.hex(of: bytes)
  }

  func watch() throws -> RunWatch {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return try RunWatch(
      [path], accept: { if try Data(contentsOf: URL(filePath: $0)).first == 0 { throw Bad() } },
      log: { [log] in log.add($0) })
  }

  func publisher(at address: String = "tcp://127.0.0.1:*", of runs: RunWatch? = nil) throws
    -> CheckpointPublisher
  {
    try CheckpointPublisher(
      Context(), runs: runs ?? watch(), listeningAt: address, log: { [log] in log.add($0) })
  }

  func cache(_ name: String = "cache", limit: Int = 1 << 30) throws -> CheckpointCache {
    try CheckpointCache(folder: folder.file(name).path, limit: limit)
  }
}

/// What came in, from any thread.
final class Log<Item: Sendable>: Sendable {
  private let items = Monitor<[Item]>([])
  func add(_ item: Item) { items.update { $0.append(item) } }
  var all: [Item] { items.update { $0 } }

  /// The next one that is not yet taken; nil after twenty seconds, which only a failure takes.
  func next() -> Item? {
    items.wait(until: .after(20)) { $0.isEmpty ? nil : $0.removeFirst() }
  }
}

/// Bytes that differ from chunk to chunk, never beginning with a zero.
func content(_ seed: UInt8, count: Int = 700_000) -> [UInt8] {
  [max(seed, 1)] + (1..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 4093 &+ Int(seed)) }
}

func bytes(of path: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(filePath: path))) }

func source(_ endpoint: String, _ channel: String = "latest") throws -> CheckpointSource {
  try CheckpointSource("\(endpoint)#\(channel)")
}

/// Asks once with a client of its own.
func obtain(
  _ endpoint: String, _ channel: String = "latest", into cache: CheckpointCache, within seconds: Double = 20
) throws -> FetchedCheckpoint {
  let client = try CheckpointClient(Context(), of: source(endpoint, channel), into: cache)
  defer { client.close() }
  return try client.obtain(within: seconds)
}

/// The text of the `ExchangeError` that `body` must throw, one line.
func errorText<Result>(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Result
) -> String {
  let error = #expect(throws: ExchangeError.self, sourceLocation: sourceLocation) { _ = try body() }
  let text = error?.description ?? ""
  #expect(!text.contains("\n"), sourceLocation: sourceLocation)
  return text
}
