import Foundation

/// Posts over one connection, and reads the answers no further than it must.
final class BenchConnection {
  private let descriptor: Int32

  init?(_ port: Int) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if code != 0 { return nil }
  }

  deinit { close(descriptor) }

  /// Whether it was answered with 200.
  func post(_ path: String, _ body: Data) -> Bool {
    let head =
      "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: \(body.count)\r\n\r\n"
    let all = Array(head.utf8) + body
    var sent = 0
    while sent < all.count {
      let count = all.withUnsafeBytes { bytes in
        send(descriptor, bytes.baseAddress?.advanced(by: sent), all.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return false }
      sent += count
    }
    return isGood()
  }

  private func isGood() -> Bool {
    var heard = Data()
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count <= 0 { return false }
      heard.append(contentsOf: buffer[..<count])
      guard let end = heard.firstRange(of: Data("\r\n\r\n".utf8)) else { continue }
      let head = String(decoding: heard[..<end.lowerBound], as: UTF8.self)
      guard let length = head.firstMatch(of: /Content-Length: ([0-9]+)/).flatMap({ Int($0.1) }) else {
        return false
      }
      if heard.count >= end.upperBound + length { return head.hasPrefix("HTTP/1.1 200 ") }
    }
  }
}
