import Foundation
internal import NIOCore
import Platform
import Synchronization

/// What each client, told by its address, has taken of its share: connections, and requests a second (a token bucket).
/// Clients that hold nothing are forgotten, so memory is bounded by the connections.
final class Clients: Sendable {
  private struct Client {
    var connections = 0
    /// Requests that it may send now.
    var credit: Double
    var updated = Deadline.now
  }

  private let limits: Limits
  private let clients = Mutex<[String: Client]>([:])

  private static let mostIdle = 4096

  init(_ limits: Limits) { self.limits = limits }

  /// Whether another connection is within the client's share; if so, `leave` gives it back.
  func enter(_ name: String) -> Bool {
    clients.withLock { clients in
      if clients.count > Self.mostIdle { clients = clients.filter { $0.value.connections > 0 } }
      var client = clients[name] ?? Client(credit: limits.burst)
      guard client.connections < limits.connectionsOfOneClient else { return false }
      client.connections += 1
      clients[name] = client
      return true
    }
  }

  func leave(_ name: String) { clients.withLock { $0[name]?.connections -= 1 } }

  /// Counts a request.
  /// - Throws: `Problem` 429, where the client sends more than its share.
  func admit(_ name: String) throws(Problem) {
    let isWithinShare = clients.withLock { clients -> Bool in
      var client = clients[name] ?? Client(credit: limits.burst)
      let now = Deadline.now
      client.credit = min(client.credit + now.seconds(since: client.updated) * limits.rate, limits.burst)
      client.updated = now
      defer { clients[name] = client }
      guard client.credit >= 1 else { return false }
      client.credit -= 1
      return true
    }
    guard isWithinShare else {
      throw Problem(
        429, "this address sends more than \(Int(limits.rate)) requests a second; wait", retryAfter: 1)
    }
  }

  /// An address as a client's name: IPv4 as it is, also where it is mapped into IPv6; of IPv6 the first 64 bits, since
  /// one client has all the rest.
  static func name(of address: SocketAddress?) -> String { name(of: address?.ipAddress ?? "unknown") }

  static func name(of address: String) -> String {
    var bytes = [UInt8](repeating: 0, count: 16)
    let bare = String(address.prefix { $0 != "%" })
    guard bare.contains(":"), inet_pton(AF_INET6, bare, &bytes) == 1 else { return address }
    if bytes[..<12] == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] {
      return bytes[12...].map(String.init).joined(separator: ".")
    }
    let groups = stride(from: 0, to: 8, by: 2).map {
      String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16)
    }
    return groups.joined(separator: ":") + "::/64"
  }
}
