import CheckpointExchange
import Foundation
import Platform
import Service
import Synchronization

/// Measures estimates through HTTP against those of the `estimate` command: the same pictures, both with a job a core.
struct HTTPBench {
  private let folder: BenchFolder
  private let picture: String

  init(_ folder: BenchFolder) throws {
    self.folder = folder
    picture = try folder.draw("sent.png", 510, 339)
  }

  /// Estimates a second either way, and the median of their ratio, in pairs one after the other.
  func measure(
    _ pictures: Int, pairs: Int, options: [String], query: String
  ) throws -> (http: Double, command: Double, ratio: Double) {
    let runs = try RunWatch([folder.url.path], accept: { _ in }, log: { _ in })
    let service = try Publishing.startHTTP("127.0.0.1:0", runs) { _ in }
    guard let service else { return (0, 0, 0) }
    defer { service.close() }
    var results: [(http: Double, command: Double)] = []
    _ = try throughHTTP(2, service.address.port, query)
    for _ in 0..<pairs {
      let command = try throughCommand(pictures, options)
      results.append(
        (
          Double(pictures) / (try throughHTTP(pictures, service.address.port, query)),
          Double(pictures) / command
        ))
    }
    let median = results.sorted { $0.http / $0.command < $1.http / $1.command }[pairs / 2]
    return (median.http, median.command, median.http / median.command)
  }

  /// Seconds of the command for so many pictures.
  private func throughCommand(_ count: Int, _ options: [String]) throws -> Double {
    let names = try (0..<count).map { number in
      let path = folder.path("sent-\(number).png")
      if !FileManager.default.fileExists(atPath: path) {
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: picture)
      }
      return path
    }
    return try ContinuousClock().measure {
      try BenchProgram(
        ["estimate", "--quiet", "--format", "json", "--out", folder.url.path] + options + names
      ).finish()
    }.seconds
  }

  /// Seconds of so many requests, two at a time for each core, so that none waits for another's journey.
  private func throughHTTP(_ count: Int, _ port: Int, _ query: String) throws -> Double {
    let body = try Data(contentsOf: URL(filePath: picture))
    let left = Mutex(count)
    let failures = Mutex(0)
    let time = try ContinuousClock().measure {
      let senders = try (0..<2 * ProcessorCount.available).map { number in
        try NamedThread("sender-\(number)") {
          let connection = BenchConnection(port)
          while left.withLock({ left in
            left -= 1
            return left >= 0
          }) {
            if connection?.post("/api/v1/estimate" + query, body) != true { failures.withLock { $0 += 1 } }
          }
        }
      }
      for sender in senders { sender.join() }
    }
    guard failures.withLock({ $0 }) == 0 else {
      throw Exit.because("the measured HTTP requests failed", .failure)
    }
    return time.seconds
  }
}

/// Posts over one connection, and reads the answers no further than it must.
private final class BenchConnection {
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
