import CheckpointExchange
import Foundation
import Messages
import Platform
import RunDirectory
import Synchronization

/// A checkpoint as the API shows it.
struct CheckpointReport: Encodable, Sendable {
  struct HeldOut: Encodable, Sendable { let psnrBefore: Double, psnrAfter: Double, tasks: Int }

  let run: String
  let step: Int
  let sha256: String
  let size: Int
  /// Seconds since 1970.
  let written: Int
  let heldOut: HeldOut?

  init(_ checkpoint: ServedCheckpoint) {
    (run, step, sha256) = (checkpoint.run, checkpoint.step, checkpoint.sha256)
    (size, written) = (checkpoint.size, checkpoint.written)
    heldOut = checkpoint.heldOut.flatMap {
      $0.psnrBefore.isFinite && $0.psnrAfter.isFinite
        ? HeldOut(psnrBefore: $0.psnrBefore, psnrAfter: $0.psnrAfter, tasks: $0.tasks) : nil
    }
  }
}

/// A run as the API and the page show it.
struct RunReport: Encodable, Sendable {
  let name: String
  /// `training`, `finished`, `interrupted`, `failed`; `stopped` where that is not known.
  let state: String
  let checkpoints: Int
  let latest: CheckpointReport?
  let best: CheckpointReport?
  /// What its coordinator last wrote.
  let status: RunStatus?
}

/// What there is to see of the runs, put together once a second for however many look.
final class RunsBoard: Sendable {
  /// Runs by name, with their JSON, and that of all together.
  struct Content: Sendable, Equatable {
    var all = Data(#"{"runs":[]}"#.utf8)
    var runs: [String: Data] = [:]
  }

  private let watch: RunWatch?
  private let kept = Mutex((version: 0, content: Content(), reports: [RunReport]()))
  private let isClosed = Atomic(false)

  /// - Parameter watch: nil where no runs are served.
  /// - Throws: `ThreadError`.
  init(_ watch: RunWatch?) throws(ThreadError) {
    self.watch = watch
    guard watch != nil else { return }
    look()
    try NamedThread("runs board") { [weak self] in
      while let self, !self.isClosed.load(ordering: .relaxed) {
        Thread.sleep(forTimeInterval: 1)
        self.look()
      }
    }.detach()
  }

  func close() { isClosed.store(true, ordering: .relaxed) }

  /// What there is now; the version changes with it.
  var now: (version: Int, content: Content, reports: [RunReport]) { kept.withLock { $0 } }

  private func look() {
    guard let watch else { return }
    let reports = watch.runs.map { Self.report($0, watch) }
    var content = Content()
    content.all = (try? JSONEncoder.service.encode(["runs": reports])) ?? content.all
    for report in reports { content.runs[report.name] = try? JSONEncoder.service.encode(report) }
    kept.withLock { kept in
      if kept.content != content { kept = (kept.version + 1, content, reports) }
    }
  }

  private static func report(_ run: ServedRun, _ watch: RunWatch) -> RunReport {
    func checkpoint(_ channel: ChannelName.Channel) -> CheckpointReport? {
      (try? watch.find(ChannelName(run: run.name, channel)).get()).map { CheckpointReport($0.checkpoint) }
    }
    let folder = watch.folder(ofRun: run.name).map { RunFolder($0) }
    let status = try? folder?.status()
    return RunReport(
      name: run.name, state: status?.state.rawValue ?? (isTraining(folder) ? "training" : "stopped"),
      checkpoints: run.checkpoints.count, latest: checkpoint(.latest), best: checkpoint(.best), status: status
    )
  }

  /// A coordinator publishes its address while it runs.
  private static func isTraining(_ folder: RunFolder?) -> Bool { (try? folder?.publishedAddress()) != nil }
}
