import CheckpointExchange
import Checkpoints
import Foundation
import Platform
import RunDirectory
import Service
import Support
import Testing

@Suite("Checkpoints over HTTP", .offThePool)
struct CheckpointTests {
  private let folder: TemporaryFolder
  private let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
  private let service: HTTPService
  private let hash: String
  private var path: String { "/api/v1/checkpoints/\(hash)" }

  init() throws {
    folder = try TemporaryFolder()
    var store = CheckpointStore(try RunLease(RunFolder(folder.file("mine").path)))
    _ = try store.write(bytes, step: 7, sidecar: [String: String]())
    hash = try SHA256.hex(of: bytes)
    let runs = try RunWatch([folder.file("").path], accept: { _ in }, log: { _ in })
    service = try HTTPService.forTests(runs: runs)
  }

  private func get(_ path: String, _ headers: String..., method: String = "GET") throws -> RawClient.Answer {
    try RawClient.get(service.port, path, method: method, headers: headers)
  }

  @Test func `files by hash`() throws {
    defer { service.close() }
    let whole = try get(path)
    #expect(whole.status == 200 && whole.body == bytes && whole.headers["etag"] == "\"\(hash)\"")
    #expect(whole.headers["cache-control"]?.contains("immutable") == true)
    let head = try get(path, method: "HEAD")
    #expect(head.status == 200 && head.body.isEmpty && head.headers["content-length"] == "300000")
    for tag in ["\"\(hash)\"", "W/\"\(hash)\"", "\"x\", \"\(hash)\"", "*"] {
      let known = try get(path, "If-None-Match: " + tag)
      #expect(known.status == 304 && known.body.isEmpty && known.headers["etag"] == "\"\(hash)\"")
    }
    #expect(try get(path, "If-None-Match: \"x\"").status == 200)
  }

  /// RFC 9110, 14.
  @Test func `parts of files`() throws {
    defer { service.close() }
    for (range, part) in [
      ("0-0", 0..<1), ("5-9", 5..<10), ("299999-", 299_999..<300_000), ("-10", 299_990..<300_000),
      ("100-999999999999999999999", 100..<300_000), ("-400000", 0..<300_000),
    ] {
      let answer = try get(path, "Range: bytes=" + range)
      #expect(answer.status == 206 && answer.body == Array(bytes[part]), "\(range)")
      #expect(answer.headers["content-range"] == "bytes \(part.lowerBound)-\(part.upperBound - 1)/300000")
    }
    for range in ["300000-", "-0", "400000-500000"] {
      let answer = try get(path, "Range: bytes=" + range)
      #expect(answer.status == 416 && answer.headers["content-range"] == "bytes */300000")
    }
    for range in ["bytes=5-4", "bytes=a-b", "bytes=", "bytes=-", "lines=1-2", "bytes=0-1,3-4", "bytes=+1-2"] {
      #expect(try get(path, "Range: " + range).status == 200, "\(range)")
    }
    #expect(try get(path, "Range: bytes=0-1", "If-Range: \"\(hash)\"").status == 206)
    #expect(try get(path, "Range: bytes=0-1", "If-Range: \"other\"").status == 200)
  }

  @Test func `what is served and what channels stand for`() throws {
    defer { service.close() }
    for path in ["/api/v1/checkpoints", "/api/v1/runs", "/api/v1/runs/mine"] {
      #expect(try get(path).text.contains(#""run":"mine","sha256":"\#(hash)","size":300000,"step":7"#))
    }
    for channel in ["latest", "mine/latest", "step:7", "mine/step%3A7", "sha256:\(hash)"] {
      #expect(try get("/api/v1/channels/" + channel).text.contains(hash), "\(channel)")
    }
    for (path, status, text) in [
      ("channels/best", 404, "run mine has no evaluated checkpoint yet; wait, or ask for latest"),
      ("channels/other/latest", 404, "no run other is served here, only: mine"),
      ("channels/newest", 422, "this is no channel; ask for [RUN/]latest, best, step:N or sha256:HASH"),
      ("checkpoints/abc", 422, "64 lower-case hexadecimal digits"),
      ("checkpoints/" + String(repeating: "0", count: 64), 404, "is served here"),
      ("runs/other", 404, "no such run is served here; /api/v1/runs lists those that are"),
    ] {
      let answer = try get("/api/v1/" + path)
      #expect(answer.status == status)
      #expect(try RequestTests.detail(answer).contains(text), "\(answer.text)")
    }
  }

  @Test func `events tell of a new checkpoint`() throws {
    defer { service.close() }
    let client = try RawClient(service.port)
    client.say("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    var heard = ""
    func hear(_ text: String) throws {
      while !heard.contains(text) { heard += String(decoding: try #require(client.hear()), as: UTF8.self) }
    }
    try hear("event: runs\ndata: {\"runs\":[{")
    let fresh = folder.file("other").path
    var store = CheckpointStore(try RunLease(RunFolder(fresh)))
    _ = try store.write([1, 2, 3], step: 8, sidecar: [String: String]())
    try hear("\"name\":\"other\"")
  }
}
