import Foundation
import Support

/// A connection that says what it is told to, byte for byte.
final class RawClient: Sendable {
  struct Answer {
    let status: Int
    /// Names in lower case.
    let headers: [String: String]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
  }

  private struct Cut: Error {}
  private let descriptor: Int32

  init(_ port: Int) throws {
    descriptor = try connectedSocket(port: UInt16(port))
    // Nothing that works takes so long; this only ends a test that hangs.
    var patience = timeval(tv_sec: 240, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  /// Closes the sending side alone.
  func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// - Returns: false where the other end has closed.
  @discardableResult
  func say(_ text: String) -> Bool { say(Array(text.utf8)) }

  @discardableResult
  func say(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count <= 0 { return false }
      rest.removeFirst(count)
    }
    return true
  }

  /// All that comes until the other end closes.
  func hearAll() -> [UInt8] {
    var heard: [UInt8] = []
    while let more = hear() { heard += more }
    return heard
  }

  /// Nil once the other end has closed.
  func hear() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return count > 0 ? Array(buffer[..<count]) : nil
  }

  /// One answer, whose length must be told.
  func answer(withoutBody: Bool = false) throws -> Answer {
    var heard: [UInt8] = []
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let head = heard.firstRange(of: end),
        let answer = Self.parse(heard, headEnd: head, withoutBody: withoutBody)
      {
        return answer
      }
      guard let more = hear() else { throw Cut() }
      heard += more
    }
  }

  /// Nil where the body is not all there.
  private static func parse(_ bytes: [UInt8], headEnd end: Range<Int>, withoutBody: Bool) -> Answer? {
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    let pairs = lines.dropFirst().map { line in
      let colon = line.firstIndex(of: ":") ?? line.endIndex
      return (line[..<colon].lowercased(), line[colon...].dropFirst().trimmingCharacters(in: .whitespaces))
    }
    let headers = Dictionary(pairs) { first, _ in first }
    let body = Array(bytes[end.upperBound...])
    guard withoutBody || body.count >= headers["content-length"].flatMap({ Int($0) }) ?? 0 else { return nil }
    return Answer(status: Int(lines[0].split(separator: " ")[1]) ?? 0, headers: headers, body: body)
  }

  static func get(
    _ port: Int, _ path: String, method: String = "GET", headers: [String] = []
  ) throws -> Answer {
    let client = try RawClient(port)
    client.say(
      ([method + " " + path + " HTTP/1.1", "Host: localhost"] + headers).joined(separator: "\r\n")
        + "\r\n\r\n")
    return try client.answer(withoutBody: method == "HEAD")
  }

  static func post(
    _ port: Int, _ path: String, body: [UInt8] = [1], headers: [String] = ["Content-Type: image/png"]
  ) throws -> Answer {
    let client = try RawClient(port)
    client.post(path, body: body, headers: headers)
    return try client.answer()
  }

  func post(_ path: String, body: [UInt8] = [1], headers: [String] = ["Content-Type: image/png"]) {
    let head = ["POST \(path) HTTP/1.1", "Host: localhost", "Content-Length: \(body.count)"] + headers
    say(head.joined(separator: "\r\n") + "\r\n\r\n")
    say(body)
  }
}
