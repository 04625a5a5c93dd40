import Checkpoints
import Messages
import Platform

/// What is served, at one moment.
struct Catalogue: Sendable {
  struct Item: Sendable, Equatable {
    let checkpoint: ServedCheckpoint
    let path: String
    let stamp: FileStamp
  }

  /// By name; each with its checkpoints, the oldest first.
  private(set) var runs: [String: [Item]] = [:]
  /// Where each run lies.
  let folders: [String: String]
  private var byHash: [String: Item] = [:]

  init(_ runs: [String: [Item]] = [:], folders: [String: String] = [:]) {
    (self.runs, self.folders) = (runs, folders)
    for item in runs.values.joined() { byHash[item.checkpoint.sha256] = item }
  }

  subscript(sha256: String) -> Item? { byHash[sha256] }

  /// What a channel stands for now, or why it stands for nothing.
  func find(_ name: ChannelName) -> Result<Item, Refusal> {
    if case .sha256(let hash) = name.channel {
      guard let item = byHash[hash], name.run.map({ $0 == item.checkpoint.run }) ?? true else {
        return .failure(.notServed("no checkpoint \(name) is served here; ask for latest, or without a run"))
      }
      return .success(item)
    }
    return run(name.run).flatMap { run, items in
      guard let item = Self.pick(name.channel, items) else {
        return .failure(.notServed(Self.missing(name.channel, run)))
      }
      return .success(item)
    }
  }

  private func run(_ name: String?) -> Result<(String, [Item]), Refusal> {
    if let name {
      guard let items = runs[name] else {
        return .failure(.notServed("no run \(name) is served here, only: \(names)"))
      }
      return .success((name, items))
    }
    guard let only = runs.first else { return .failure(.notServed("no run is served here yet; wait")) }
    guard runs.count == 1 else {
      return .failure(
        Refusal(.ambiguousRun, "several runs are served here, name one before the channel: \(names)"))
    }
    return .success((only.key, only.value))
  }

  private var names: String { runs.keys.sorted().joined(separator: ", ") }

  private static func pick(_ channel: ChannelName.Channel, _ items: [Item]) -> Item? {
    switch channel {
    case .latest: items.last
    case .best:
      items.filter { $0.psnr.isFinite }.max {
        ($0.psnr, $0.checkpoint.step) < ($1.psnr, $1.checkpoint.step)
      }
    case .step(let step): items.last { $0.checkpoint.step == step }
    case .sha256(let hash): items.last { $0.checkpoint.sha256 == hash }
    }
  }

  private static func missing(_ channel: ChannelName.Channel, _ run: String) -> String {
    switch channel {
    case .best: "run \(run) has no evaluated checkpoint yet; wait, or ask for latest"
    case .latest: "run \(run) has no checkpoint yet; wait"
    case .step, .sha256: "run \(run) has no checkpoint \(channel) any more or yet; ask for latest"
    }
  }

  /// As `list` answers it.
  var served: [ServedRun] {
    runs.sorted { $0.key < $1.key }.map { ServedRun(name: $0.key, checkpoints: $0.value.map(\.checkpoint)) }
  }
}

extension Catalogue.Item {
  fileprivate var psnr: Double { checkpoint.heldOut?.psnrAfter ?? .nan }
}

typealias Refusal = PublisherReply.Refusal

extension Refusal {
  static func notServed(_ text: String) -> Refusal { Refusal(.notServed, text) }
}
