import Foundation
import Service
import Support
import Testing

@Suite("Readers of events", .offThePool)
struct StreamTests {
  private func follow(_ service: HTTPService) throws -> RawClient {
    let client = try RawClient(service.port)
    client.say("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return client
  }

  private func hearEvent(_ client: RawClient) throws {
    var heard = ""
    while !heard.contains("event: runs") {
      heard += String(decoding: try #require(client.hear()), as: UTF8.self)
    }
  }

  @Test func `too many readers keep nobody else from being served`() throws {
    let service = try HTTPService.forTests { $0.streams = 3 }
    defer { service.close() }
    var readers = try (0..<3).map { _ in try follow(service) }
    for reader in readers { try hearEvent(reader) }
    let refused = try RawClient.get(service.port, "/api/v1/events")
    #expect(refused.status == 503 && refused.headers["retry-after"] == "30")
    #expect(try RequestTests.detail(refused).hasPrefix("3 readers follow the events already"))
    #expect(try RawClient.post(service.port, "/api/v1/estimate").status == 200)
    readers.removeFirst()
    try wait(for: "the place of a reader who left") {
      let reader = try follow(service)
      return String(decoding: try #require(reader.hear()), as: UTF8.self).hasPrefix("HTTP/1.1 200")
    }
  }

  @Test func `heads take no place`() throws {
    let service = try HTTPService.forTests { $0.streams = 1 }
    defer { service.close() }
    for _ in 0..<5 { _ = try RawClient.get(service.port, "/api/v1/events", method: "HEAD") }
    try wait(for: "the place") {
      let reader = try follow(service)
      return String(decoding: try #require(reader.hear()), as: UTF8.self).hasPrefix("HTTP/1.1 200")
    }
  }

  @Test func `streams end after a while and the connection stays`() throws {
    let service = try HTTPService.forTests { $0.stream = 0.5 }
    defer { service.close() }
    let reader = try follow(service)
    var heard = ""
    while !heard.hasSuffix("0\r\n\r\n") {
      heard += String(decoding: try #require(reader.hear()), as: UTF8.self)
    }
    reader.say("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(try reader.answer().text == "ok\n")
  }
}
