import CheckpointExchange
import Checkpoints
import Foundation
import Messages
import MetaLearning
import Platform
import RunDirectory
import Transport

/// Measures serving: a publisher in this process, and another process full of estimators that fetch from it.
package struct ServingBench {
  private let run: RunFolder
  private let log: @Sendable (String) -> Void

  /// - Parameters:
  ///   - folder: where to lay a run with one checkpoint.
  ///   - log: takes the publisher's lines.
  package init(_ folder: BenchFolder, log: @escaping @Sendable (String) -> Void) throws {
    self.log = log
    run = RunFolder(folder.path("served-\(UUID().uuidString)"))
    var store = CheckpointStore(try RunLease(run))
    try store.write(
      TrainingState(TrainingSettings()).encoded(data: "none"), step: 0, sidecar: [String: String]())
  }

  /// Has the other process print its figures.
  package func measure(estimators: Int, pairs: Int) throws {
    let publisher = try CheckpointPublisher(
      Context(), runs: RunWatch([run.path], accept: { _ in }, log: log),
      listeningAt: "tcp://127.0.0.1:*", log: log)
    defer { publisher.close() }
    let sender = try PlainCopy.Sender(Context())
    let fetchers = try BenchProgram([
      "fetchers", "--publisher", publisher.endpoint, "--sender", sender.endpoint, "--count", "\(estimators)",
      "--pairs", "\(pairs)",
    ])
    let file = try run.checkpointFiles()[0]
    let bytes = [UInt8](repeating: 7, count: FetchBench.message)
    let times = FetchBench.messages(of: file.size, estimators)
    let sending = try NamedThread("sender") { for _ in 0..<pairs { try? sender.send(bytes, times: times) } }
    try fetchers.finish()
    sending.join()
  }
}
