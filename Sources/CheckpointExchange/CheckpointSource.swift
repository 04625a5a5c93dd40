public import Messages
import Transport

/// Where checkpoints come from and which one is wanted, as `--from` takes it: `tcp://HOST:PORT[#CHANNEL]`, for example
/// `tcp://10.0.0.1:5556#photos/best`. Without a channel, `latest`.
public struct CheckpointSource: Sendable, Hashable, CustomStringConvertible {
  /// For example `tcp://10.0.0.1:5556`.
  public let endpoint: String
  public let channel: ChannelName

  /// - Throws: `ExchangeError.badSource`.
  public init(_ text: String) throws(ExchangeError) {
    let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let name = parts.count == 2 ? parts[1] : "latest"
    guard let channel = ChannelName(name), (try? Address(parts[0], for: .connecting)) != nil else {
      throw .badSource(text)
    }
    (endpoint, self.channel) = (parts[0], channel)
  }

  public var description: String { "\(endpoint)#\(channel)" }
}
