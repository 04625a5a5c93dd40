import Foundation
import Service
import Support
import Testing

@Suite("What is borne over HTTP", .offThePool)
struct LimitTests {
  @Test func `bodies that are no pictures`() throws {
    let service = try HTTPService.forTests { $0.body = 100 }
    defer { service.close() }
    let path = "/api/v1/estimate"
    let large = try RawClient.post(service.port, path, body: [UInt8](repeating: 1, count: 101))
    #expect(
      try large.status == 413
        && RequestTests.detail(large)
          == "the body is larger than 100 bytes; send a smaller picture, or part of it"
    )
    #expect(large.headers["connection"] == "close")
    #expect(try RawClient.post(service.port, path, body: [UInt8](repeating: 1, count: 100)).status == 200)
    #expect(try RawClient.post(service.port, path, body: []).status == 422)
    #expect(
      try RawClient.post(service.port, path, body: [1], headers: ["Content-Type: IMAGE/JPEG; x=y"]).status
        == 200)
    for headers in [[], ["Content-Type: text/plain"], ["Content-Type: image/png", "Content-Encoding: gzip"]] {
      let answer = try RawClient.post(service.port, path, body: [1], headers: headers)
      #expect(try answer.status == 415 && !RequestTests.detail(answer).isEmpty)
    }
  }

  /// Without a length nothing is known before it has come.
  @Test func `a chunked body is cut off where it is too large`() throws {
    let service = try HTTPService.forTests { $0.body = 100 }
    defer { service.close() }
    let client = try RawClient(service.port)
    client.say(
      "POST /api/v1/estimate HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    for _ in 0..<3 { client.say("28\r\n" + String(repeating: "x", count: 40) + "\r\n") }
    #expect(try client.answer().status == 413)
  }

  @Test func `bodies of all together are bounded`() throws {
    let work = GatedWork(isOpen: false)
    let service = try HTTPService.forTests(work) { ($0.body, $0.bodies) = (100, 150) }
    defer { service.close() }
    let first = try RawClient(service.port)
    first.post("/api/v1/estimate", body: [UInt8](repeating: 1, count: 100))
    work.waitUntilBegun(1)
    let second = try RawClient.post(service.port, "/api/v1/estimate", body: [UInt8](repeating: 1, count: 100))
    #expect(second.status == 429 && second.headers["retry-after"] == "2")
    work.open()
    #expect(try first.answer().status == 200)
    #expect(
      try RawClient.post(service.port, "/api/v1/estimate", body: [UInt8](repeating: 1, count: 100)).status
        == 200)
  }

  @Test func `who comes when too many wait is told to come again`() throws {
    let work = GatedWork(isOpen: false)
    let service = try HTTPService.forTests(work) { $0.waiting = 1 }
    defer { service.close() }
    let running = try RawClient(service.port)
    running.post("/api/v1/estimate")
    work.waitUntilBegun(1)
    let waiting = try RawClient(service.port)
    waiting.post("/api/v1/estimate")
    try wait(for: "a picture to wait") {
      try RawClient.get(service.port, "/metrics").text.contains("metakernelgan_pictures_waiting 1.0")
    }
    let refused = try RawClient.post(service.port, "/api/v1/estimate")
    #expect(refused.status == 429 && refused.headers["retry-after"] == "2")
    #expect(
      try RequestTests.detail(refused)
        == "too many pictures are being worked on; send it again in a few seconds")
    work.open()
    #expect(try running.answer().status == 200)
    #expect(try waiting.answer().status == 200)
  }

  @Test func `time is limited`() throws {
    let work = GatedWork(isOpen: false)
    let service = try HTTPService.forTests(work) { $0.work = 3 }
    defer { service.close() }
    let running = try RawClient(service.port)
    running.post("/api/v1/estimate")
    work.waitUntilBegun(1)
    let waiting = try RawClient.post(service.port, "/api/v1/estimate")
    #expect(waiting.status == 503 && waiting.headers["retry-after"] == "30")
    #expect(try running.answer().status == 504)
    work.open()
  }

  /// Who sends nothing, half a head, or half a body is cut off, and so is who sends a body byte by byte.
  @Test func `slow senders are cut off`() throws {
    let service = try HTTPService.forTests { ($0.head, $0.upload) = (1, 1) }
    defer { service.close() }
    let head =
      "POST /api/v1/estimate HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 1000000\r\n"
    let clients = try ["", "GET / HT", head, head + "\r\nabc"].map { text in
      let client = try RawClient(service.port)
      client.say(text)
      return client
    }
    for client in clients { #expect(!String(decoding: client.hearAll(), as: UTF8.self).contains(" 200 ")) }
    let dripping = try RawClient(service.port)
    dripping.say(head + "\r\n")
    while dripping.say([1]) { usleep(20_000) }
    #expect(try RawClient.get(service.port, "/healthz").status == 200)
  }

  /// A body that nobody asked for is not waited for either.
  @Test func `dripping bodies of answered requests are cut off`() throws {
    let service = try HTTPService.forTests { $0.farewell = 1 }
    defer { service.close() }
    for (line, status) in [
      ("GET /healthz", 200), ("DELETE /healthz", 405), ("POST /api/v1/estimate?scale=9", 422),
    ] {
      let client = try RawClient(service.port)
      client.say("\(line) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
      let answer = try client.answer()
      #expect(answer.status == status && answer.headers["connection"] == "close")
      while client.say([1]) { usleep(20_000) }
    }
  }

  @Test func `a body cut short does no harm`() throws {
    let service = try HTTPService.forTests()
    defer { service.close() }
    for _ in 0..<20 {
      let client = try RawClient(service.port)
      client.say(
        "POST /api/v1/estimate HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 1000\r\n\r\nabc"
      )
    }
    #expect(try RawClient.post(service.port, "/api/v1/estimate").status == 200)
  }

  /// Silent, with half a head, with a body that does not come, with nonsense: fifty each, and ten that want something.
  @Test func `two hundred bad clients keep ten good ones from nothing`() throws {
    let service = try HTTPService.forTests { $0.jobs = 2 }
    let head =
      "POST /api/v1/estimate HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 1000000\r\n"
    let kinds = ["", "GET /api/v1/ru", head + "\r\nabc", "\u{0}\u{1} nonsense\r\n\r\n"]
    var bad = try (0..<200).map { number in
      let client = try RawClient(service.port)
      client.say(kinds[number % kinds.count])
      return client
    }
    let outcomes = ResultBox()
    let threads = (0..<10).map { number in
      Thread {
        for _ in 0..<5 {
          let answer = try? RawClient.post(service.port, "/api/v1/estimate?seed=\(number)")
          outcomes.add(answer?.text == "2 - -1 \(number)")
        }
      }
    }
    for thread in threads { thread.start() }
    try wait(for: "ten good clients") { outcomes.all.count == 50 }
    #expect(outcomes.all.allSatisfy { $0 })
    // Gone first, or their bodies would be waited for.
    bad.removeAll()
    service.close()
  }

  @Test func `closing answers what runs`() throws {
    let work = GatedWork(isOpen: false)
    let service = try HTTPService.forTests(work)
    let running = try RawClient(service.port)
    running.post("/api/v1/estimate")
    work.waitUntilBegun(1)
    let idle = try RawClient(service.port)
    let closing = ResultBox()
    Thread {
      service.close()
      closing.add(true)
    }.start()
    #expect(idle.hearAll().isEmpty, "who asked for nothing is let go at once")
    try wait(for: "the port to be closed") { (try? RawClient(service.port)) == nil }
    #expect(closing.all.isEmpty)
    work.open()
    #expect(try running.answer().status == 200)
    try wait(for: "the end") { closing.all == [true] }
  }
}
