import ArgumentParser
import CheckpointExchange
import Checkpoints
import Foundation
import Messages
import MetaLearning
import Platform
import RunDirectory
import Transport

/// Measures serving: a publisher in this process, and another process full of estimators that fetch from it.
struct ServingBench {
  private let run: RunFolder

  /// - Parameter folder: where to lay a run with one checkpoint.
  init(_ folder: BenchFolder) throws {
    run = RunFolder(folder.path("served-\(UUID().uuidString)"))
    var store = CheckpointStore(try RunLease(run))
    try store.write(
      TrainingState(TrainingSettings()).encoded(data: "none"), step: 0, sidecar: [String: String]())
  }

  /// Has the other process print its figures.
  /// - Parameter keys: a cluster's folder of keys, to encrypt with; nil for plain connections.
  func measure(estimators: Int, pairs: Int, keys: String? = nil) throws {
    let publisher = try CheckpointPublisher(
      Context(), runs: RunWatch([run.path], accept: { _ in }, log: { Console.complain($0) }),
      listeningAt: "tcp://127.0.0.1:*", keys: keys.map(Self.server), log: { Console.complain($0) })
    defer { publisher.close() }
    let sender = try PlainCopy.Sender(Context())
    let fetchers = try BenchProgram(
      [
        "fetchers", "--publisher", publisher.endpoint, "--sender", sender.endpoint, "--count",
        "\(estimators)",
        "--pairs", "\(pairs)",
      ] + (keys.map { ["--keys", $0] } ?? []))
    let file = try run.checkpointFiles()[0]
    let bytes = [UInt8](repeating: 7, count: FetchersCommand.message)
    let times = FetchersCommand.messages(of: file.size, estimators)
    let sending = try NamedThread("sender") { for _ in 0..<pairs { try? sender.send(bytes, times: times) } }
    try fetchers.finish()
    sending.join()
  }

  private static func server(_ keys: String) throws -> ServerKeys {
    ServerKeys(
      try KeyFiles.read(from: keys, KeyFiles.coordinator), allowing: KeyFiles.list(in: keys))
  }
}

/// Estimators that only fetch; started by `bench`, not by people.
struct FetchersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "fetchers", shouldDisplay: false)

  @Option var publisher: String
  @Option var sender: String
  @Option var count: Int
  @Option var pairs: Int
  @OptionGroup var security: ClientKeyOptions

  /// Bytes of the plain copy's messages: as those of the fetch.
  static let message = PublisherRequest.chunkSize

  /// How many of them hold as many bytes as the estimators fetch.
  static func messages(of size: Int, _ estimators: Int) -> Int { size * estimators / message }

  func run() throws {
    FileLimit.raise()
    let context = try Context()
    let crowd = try FetcherCrowd(
      context, publisher, count: count, security: security.load(as: Role.reader.rawValue))
    let receiver = try PlainCopy.Receiver(context, sender)
    var (rates, shares, wrong) = ([Double](), [Double](), 0)
    for _ in 0..<pairs {
      let fetched = try crowd.fetch()
      let plain = try plainRate(receiver, bytes: fetched.bytes)
      rates.append(Double(fetched.bytes) / fetched.seconds)
      shares.append(rates[rates.count - 1] / plain)
      wrong += fetched.wrong
    }
    let (rate, share) = (rates.sorted()[pairs / 2], shares.sorted()[pairs / 2])
    print(
      "serving \("\(count) \(security.keys == nil ? "at once" : "over CURVE")".padding(toLength: 22, withPad: " ", startingAt: 0))"
        + String(format: "%.0f MB/s, %.0f %% of a plain ZeroMQ copy with SHA-256, ", rate / 1e6, share * 100)
        + (wrong == 0 ? "all hashes right" : "\(wrong) WRONG"))
    if wrong > 0 { throw ExitCode.failure }
  }

  /// Bytes a second of a copy of as many bytes, hashed as they come.
  private func plainRate(_ receiver: PlainCopy.Receiver, bytes: Int) throws -> Double {
    let digest = try SHA256()
    let begin = ContinuousClock.now
    try receiver.receive(count: Self.messages(of: bytes, 1)) { try? digest.update($0) }
    _ = try digest.finish()
    return Double(bytes) / (ContinuousClock.now - begin).seconds
  }
}
