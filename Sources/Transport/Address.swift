import Foundation
import Platform

/// Where to listen or to connect to over ZeroMQ: `tcp://HOST:PORT`, IPv6 in brackets, or `ipc://PATH` on one machine.
/// Checked before any socket or process is made; libzmq itself takes ports beyond 65535 for others.
public struct Address: Hashable, Sendable, CustomStringConvertible {
  public enum Purpose: Sendable {
    case listening
    case connecting
  }

  /// As libzmq takes it.
  public let description: String
  /// Without brackets; nil of `ipc://`.
  public let host: String?

  /// - Parameter purpose: only listening may leave host (`*`) or port (`*` or 0) to the system.
  /// - Throws: `AddressError`.
  public init(_ text: String, for purpose: Purpose) throws(AddressError) {
    description = text
    if text.hasPrefix("ipc://") {
      guard text.utf8.count > 6, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
        throw AddressError(text: text, purpose: purpose)
      }
      host = nil
      return
    }
    guard text.hasPrefix("tcp://"), let colon = text.lastIndex(of: ":"),
      let host = Self.host(text.dropFirst(6), upTo: colon),
      Self.isPort(text[text.index(after: colon)...], purpose), Self.isHost(host, purpose)
    else { throw AddressError(text: text, purpose: purpose) }
    self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
  }

  private static func host(_ rest: Substring, upTo colon: String.Index) -> String? {
    rest.startIndex < colon ? String(rest[..<colon]) : nil
  }

  private static func isPort(_ text: Substring, _ purpose: Purpose) -> Bool {
    if purpose == .listening, text == "*" { return true }
    // Int takes a sign.
    guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let port = Int(text)
    else { return false }
    return (purpose == .listening ? 0...65535 : 1...65535).contains(port)
  }

  private static func isHost(_ text: String, _ purpose: Purpose) -> Bool {
    if text == "*" { return purpose == .listening }
    if text.hasPrefix("["), text.hasSuffix("]") {
      let parts = text.dropFirst().dropLast().split(separator: "%", maxSplits: 1)
      // A zone, as of fe80::1%eth0, names an interface.
      guard let number = parts.first, parts.count == 1 || isName(parts[1]) else { return false }
      var bytes = in6_addr()
      return inet_pton(AF_INET6, String(number), &bytes) == 1
    }
    guard isName(text[...]) else { return false }
    // What looks like a number must be one: 1.2.3 and 300.1.1.1 are no names.
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }) else { return true }
    var bytes = in_addr()
    return inet_pton(AF_INET, text, &bytes) == 1
  }

  /// Letters, digits, dots, hyphens and underscores (RFC 1123, and what interfaces and containers are called).
  private static func isName(_ text: Substring) -> Bool {
    (1...253).contains(text.utf8.count) && text.first != "-"
      && text.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
          || [0x2D, 0x2E, 0x5F].contains(byte)
      }
  }

  /// Whether only users of this machine reach it.
  public var isLoopback: Bool {
    guard let host else { return true }
    return host == "localhost" || host == "::1" || host.hasPrefix("127.") || host.hasPrefix("::ffff:127.")
  }

  /// Where a process of this machine finds whoever listens here: loopback in place of all interfaces.
  public var fromHere: String {
    switch host {
    case "0.0.0.0": description.replacing("//0.0.0.0:", with: "//127.0.0.1:")
    case "*": description.replacing("//*:", with: "//127.0.0.1:")
    case "::": description.replacing("[::]", with: "[::1]")
    default: description
    }
  }

  /// Whether libzmq must be told to use IPv6 (`ZMQ_IPV6`). With it, libzmq looks for nothing else, so names that have an
  /// IPv4 address do without.
  var needsIPv6: Bool {
    guard let host, host != "*" else { return false }
    if host.contains(":") { return true }
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &found) == 0 else { return false }
    defer { freeaddrinfo(found) }
    let families = sequence(first: found, next: { $0?.pointee.ai_next }).compactMap { $0?.pointee.ai_family }
    return families.contains(AF_INET6) && !families.contains(AF_INET)
  }
}

/// A text that is no address. One sentence for the user.
public struct AddressError: Error, Equatable, Sendable, CustomStringConvertible {
  public let text: String
  public let purpose: Address.Purpose

  public var description: String {
    let example =
      purpose == .listening
      ? "tcp://127.0.0.1:5555 or tcp://[::]:*" : "tcp://10.0.0.1:5555 or tcp://[::1]:5555"
    let ports = purpose == .listening ? "0 to 65535 or *" : "1 to 65535"
    return
      "cannot use \(quoted(text)) as an address: it is not tcp://HOST:PORT with a port from \(ports), such as "
      + "\(example); correct it"
  }
}
