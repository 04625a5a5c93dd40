public import Messages

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
    guard let channel = ChannelName(name), Self.isEndpoint(parts[0]) else { throw .badSource(text) }
    (endpoint, self.channel) = (parts[0], channel)
  }

  public var description: String { "\(endpoint)#\(channel)" }

  /// What libzmq would take: only tcp is meant for other machines, ipc for the same one.
  private static func isEndpoint(_ text: String) -> Bool {
    if text.hasPrefix("ipc://") { return text.utf8.count > 6 }
    guard text.hasPrefix("tcp://"), let colon = text.lastIndex(of: ":") else { return false }
    let host = text[text.index(text.startIndex, offsetBy: 6)...].prefix { $0 != ":" || text[colon] != $0 }
    return !host.isEmpty && (UInt16(text[text.index(after: colon)...]) ?? 0) > 0
  }
}
