/// Where to listen: `HOST:PORT`, as `127.0.0.1:8080`, `[::1]:8080` or `0.0.0.0:80`; port 0 has the system choose one.
public struct HTTPAddress: Sendable, Equatable, CustomStringConvertible {
  /// A name or a number, IPv6 without its brackets.
  public let host: String
  public var port: Int

  /// - Throws: `ServiceError.badAddress`.
  public init(_ text: String) throws(ServiceError) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
      throw .badAddress(text)
    }
    let name = text[..<colon]
    let isBracketed = name.hasPrefix("[") && name.hasSuffix("]")
    guard isBracketed || !name.contains(where: { ":/[]".contains($0) }) else {
      throw .badAddress(text)
    }
    let bare = isBracketed ? name.dropFirst().dropLast() : name
    guard !bare.isEmpty else { throw .badAddress(text) }
    host = String(bare)
    self.port = Int(port)
  }

  /// Whether only this machine's users reach it.
  public var isLoopback: Bool { Self.isLoopback(host) }

  /// Whether a name or number always means this machine: localhost, ::1, or 127.0.0.0/8 as four numbers.
  static func isLoopback(_ host: String) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    let isIPv4 = parts.count == 4 && parts.allSatisfy { UInt8($0) != nil && !$0.hasPrefix("+") }
    return host == "localhost" || host == "::1" || isIPv4 && parts[0] == "127"
  }

  public var description: String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)" }
}
