import Foundation
import Platform
import Service
import Support
import Testing

@Suite("Work that nobody waits for", .offThePool)
struct HangUpTests {
  private static let path = "/api/v1/estimate"

  @Test func `a client that hangs up frees its place`() throws {
    let work = EndlessWork()
    let service = try HTTPService.forTests(work)
    defer { service.close() }
    for round in 1...3 {
      do {
        let client = try RawClient(service.port)
        client.post(Self.path)
        work.waitUntilBegun(round)
      }
      // Closed with the object.
      work.waitUntilEnded(round)
    }
    try waitForLoad(service, waiting: 0, running: 0)
  }

  @Test func `a picture that waits goes with its sender`() throws {
    let work = GatedWork(isOpen: false)
    let service = try HTTPService.forTests(work)
    defer { service.close() }
    let running = try RawClient(service.port)
    running.post(Self.path)
    work.waitUntilBegun(1)
    do {
      let leaving = try RawClient(service.port)
      leaving.post(Self.path)
      try waitForLoad(service, waiting: 1, running: 1)
    }
    try waitForLoad(service, waiting: 0, running: 1)
    work.open()
    #expect(try running.answer().status == 200)
    #expect(work.begun == 1, "what nobody waits for is not begun")
  }

  /// It cannot be told from one that has gone, so it is told what it did.
  @Test func `a client that closes its sending side is gone`() throws {
    let work = EndlessWork()
    let service = try HTTPService.forTests(work)
    defer { service.close() }
    let client = try RawClient(service.port)
    client.post(Self.path)
    work.waitUntilBegun(1)
    client.endSending()
    #expect(try client.answer().status == 499)
    work.waitUntilEnded(1)
  }

  @Test func `work that takes too long is stopped`() throws {
    let work = EndlessWork()
    let service = try HTTPService.forTests(work) { $0.work = 1 }
    defer { service.close() }
    #expect(try RawClient.post(service.port, Self.path).status == 504)
    work.waitUntilEnded(1)
  }

  /// Its picture is in memory as long as the work runs, although it was answered.
  @Test func `bytes count as long as they live`() throws {
    let work = GatedWork(isOpen: false)
    let service = try HTTPService.forTests(work) { ($0.body, $0.bodies, $0.work, $0.jobs) = (100, 150, 1, 2) }
    defer { service.close() }
    let picture = [UInt8](repeating: 1, count: 100)
    #expect(try RawClient.post(service.port, Self.path, body: picture).status == 504)
    #expect(try RawClient.post(service.port, Self.path, body: picture).status == 429)
    work.open()
    try wait(for: "the bytes to be given back") {
      try RawClient.post(service.port, Self.path, body: picture).status == 200
    }
  }

  /// 400 MB pass through; what was answered is let go at once, not when its time would be up.
  @Test func `refused pictures take no memory`() throws {
    let work = GatedWork(isOpen: false)
    let service = try HTTPService.forTests(work) { $0.waiting = 1 }
    defer { service.close() }
    // One after the other: the second would be refused while the first still waits.
    let kept = try (1...2).map { _ in
      let client = try RawClient(service.port)
      client.post(Self.path)
      work.waitUntilBegun(1)
      return client
    }
    try waitForLoad(service, waiting: 1, running: 1)
    let picture = [UInt8](repeating: 1, count: 2 << 20)
    let before = try Self.residentMegabytes()
    for _ in 0..<200 { #expect(try RawClient.post(service.port, Self.path, body: picture).status == 429) }
    #expect(try Self.residentMegabytes() - before < 200)
    work.open()
    for client in kept { #expect(try client.answer().status == 200) }
  }

  private static func residentMegabytes() throws -> Int {
    let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")[1]
    return try #require(Int(pages)) * 4096 >> 20
  }

  private func waitForLoad(_ service: HTTPService, waiting: Int, running: Int) throws {
    try wait(for: "\(waiting) to wait and \(running) to run") {
      let text = try RawClient.get(service.port, "/metrics").text
      return text.contains("pictures_waiting \(waiting).0") && text.contains("pictures_running \(running).0")
    }
  }

  @Test func `progress is told by ticket`() throws {
    let work = GatedWork(isOpen: false)
    let service = try HTTPService.forTests(work)
    defer { service.close() }
    let tickets = ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb", "cccccccccccccccc"]
    var clients: [RawClient] = []
    for (number, ticket) in tickets.enumerated() {
      let client = try RawClient(service.port)
      client.post(Self.path + "?ticket=" + ticket)
      clients.append(client)
      try waitForLoad(service, waiting: number, running: 1)
    }
    let shown = try tickets.map { try RawClient.get(service.port, "/api/v1/progress/" + $0).text }
    #expect(
      shown == [
        #"{"before":0,"share":0,"state":"working"}"#, #"{"before":0,"share":0,"state":"waiting"}"#,
        #"{"before":1,"share":0,"state":"waiting"}"#,
      ])
    #expect(try RawClient.post(service.port, Self.path + "?ticket=" + tickets[0]).status == 409)
    for ticket in ["short", String(repeating: "a", count: 65), "aaaaaaaaaaaaaaa%2F"] {
      #expect(try RawClient.post(service.port, Self.path + "?ticket=" + ticket).status == 422)
    }
    work.open()
    for client in clients { #expect(try client.answer().status == 200) }
    #expect(try RawClient.get(service.port, "/api/v1/progress/" + tickets[0]).status == 404)
  }

  @Test func `shares are what the work reports`() throws {
    let work = EndlessWork()
    let service = try HTTPService.forTests(work)
    defer { service.close() }
    let client = try RawClient(service.port)
    client.post(Self.path + "?ticket=0123456789-abcdef")
    work.waitUntilBegun(1)
    try wait(for: "a quarter") {
      try RawClient.get(service.port, "/api/v1/progress/0123456789-abcdef").text.contains(#""share":0.25"#)
    }
  }
}
