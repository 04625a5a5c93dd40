/// Which checkpoint is wanted, by a name that may stand for another one tomorrow: `latest`, `best`, `step:4000` or
/// `sha256:...`, each behind `RUN/` where several runs are served.
public struct ChannelName: Hashable, Sendable, CustomStringConvertible {
  public enum Channel: Hashable, Sendable {
    /// Of the highest step.
    case latest
    /// Of the highest kernel PSNR on the run's held-out tasks.
    case best
    case step(Int)
    /// Of the whole file, 64 lower-case hexadecimal digits.
    case sha256(String)
  }

  /// Nil: the only run that is served, or whichever has the hash.
  public var run: String?
  public var channel: Channel

  public init(run: String? = nil, _ channel: Channel) { (self.run, self.channel) = (run, channel) }

  /// Nil where the text is none.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let last = parts.last, let channel = Channel(String(last)) else { return nil }
    if parts.count == 2, !isName(String(parts[0])) { return nil }
    self.init(run: parts.count == 2 ? String(parts[0]) : nil, channel)
  }

  public var description: String { (run.map { $0 + "/" } ?? "") + channel.description }

  public static let expected = "[RUN/]latest, best, step:N or sha256:HASH"
}

extension ChannelName.Channel: CustomStringConvertible {
  init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    switch (parts[0], parts.count) {
    case ("latest", 1): self = .latest
    case ("best", 1): self = .best
    case ("step", 2):
      guard let step = Int(parts[1]), (0...Int(largestCount)).contains(step) else { return nil }
      self = .step(step)
    case ("sha256", 2):
      guard isSHA256(parts[1]) else { return nil }
      self = .sha256(parts[1])
    default: return nil
    }
  }

  public var description: String {
    switch self {
    case .latest: "latest"
    case .best: "best"
    case .step(let step): "step:\(step)"
    case .sha256(let hash): "sha256:\(hash)"
    }
  }
}
