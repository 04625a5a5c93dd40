import Foundation
import Platform
import Service
import Support
import Testing

@Suite("Who is let in over HTTP", .offThePool)
struct DoorTests {
  private static let token = String(repeating: "t0", count: 16)
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func tokenFile(_ text: String, mode: Int = 0o600) throws -> String {
    let file = folder.file("token-\(UUID().uuidString)")
    try Data(text.utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
    return file.path
  }

  private func ask(
    _ service: HTTPService, _ line: String, headers: [String], body: String = ""
  ) throws -> RawClient.Answer {
    let client = try RawClient(service.port)
    let length = body.isEmpty ? [] : ["Content-Type: image/png", "Content-Length: \(body.utf8.count)"]
    client.say(([line + " HTTP/1.1"] + headers + length).joined(separator: "\r\n") + "\r\n\r\n" + body)
    return try client.answer()
  }

  /// A page elsewhere can have its name resolved to this server, but the browser then sends that name.
  @Test func `only names of this server are served`() throws {
    let service = try HTTPService.forTests(settings: { $0.hostNames = ["photos.example"] })
    defer { service.close() }
    for host in [
      "localhost", "LOCALHOST:80", "127.0.0.1", "127.9.9.9:1", "[::1]", "[::1]:8080", "localhost.",
      "a.localhost:1",
      "photos.example", "Photos.Example:443",
    ] {
      #expect(try ask(service, "GET /healthz", headers: ["Host: " + host]).status == 200, "\(host)")
    }
    for host in [
      "evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "127.1",
      "0.0.0.0",
      "192.0.2.7", "[::2]", "photos.example.evil", "2130706433", "127.0.0.256",
    ] {
      let answer = try ask(service, "GET /api/v1/runs", headers: ["Host: " + host])
      #expect(answer.status == 421, "\(host)")
      #expect(try RequestTests.detail(answer).hasPrefix("this server does not answer to the name"))
    }
    #expect(try ask(service, "GET /healthz", headers: []).status == 400)
  }

  @Test func `pages of other sites compute nothing`() throws {
    let service = try HTTPService.forTests()
    defer { service.close() }
    let host = "Host: localhost:\(service.port)"
    for headers in [
      [], ["Origin: http://localhost:\(service.port)"], ["Sec-Fetch-Site: same-origin"],
      ["Sec-Fetch-Site: none"],
    ] {
      #expect(
        try ask(service, "POST /api/v1/estimate", headers: [host] + headers, body: "x").status == 200,
        "\(headers)")
    }
    for headers in [
      ["Origin: http://evil.example"], ["Origin: null"], ["Origin: http://localhost:1"],
      ["Sec-Fetch-Site: cross-site"],
      ["Sec-Fetch-Site: same-site"], ["Sec-Fetch-Site: same-origin", "Origin: http://evil.example"],
    ] {
      for path in ["estimate", "super-resolve", "restore"] {
        #expect(
          try ask(service, "POST /api/v1/" + path, headers: [host] + headers, body: "x").status == 403,
          "\(headers)")
      }
      #expect(try ask(service, "GET /api/v1/events", headers: [host] + headers).status == 403)
    }
    #expect(
      try ask(service, "GET /", headers: [host, "Sec-Fetch-Site: cross-site"]).status == 200,
      "a link may lead here")
  }

  @Test func `tokens are asked for everywhere but at the page and its health`() throws {
    let file = try tokenFile(Self.token + "\n")
    let service = try HTTPService.forTests(settings: { $0.tokenFile = file })
    defer { service.close() }
    for path in ["/", "/page.js", "/page.css", "/healthz", "/readyz"] {
      #expect(try RawClient.get(service.port, path).status == 200, "\(path)")
    }
    let guarded = [
      "/metrics", "/api/v1/runs", "/api/v1/estimator", "/api/v1/openapi.yaml", "/none", "/healthz/",
    ]
    let wrong = [
      [], ["Authorization: Bearer"], ["Authorization: Basic " + Self.token],
      ["Authorization: Bearer x" + Self.token],
      ["Authorization: Bearer " + Self.token.dropLast()], ["Authorization: " + Self.token],
    ]
    for path in guarded {
      for headers in wrong {
        let answer = try RawClient.get(service.port, path, headers: headers)
        #expect(answer.status == 401 && answer.headers["www-authenticate"] == "Bearer", "\(path) \(headers)")
      }
      #expect(
        try RawClient.get(service.port, path, headers: ["Authorization: bearer " + Self.token]).status != 401)
    }
    #expect(try RawClient.post(service.port, "/api/v1/estimate").status == 401)
  }

  @Test func `tokens are read again when they change`() throws {
    let file = try tokenFile(Self.token)
    let lines = Monitor<[String]>([])
    let service = try HTTPService.forTests(settings: { settings in
      settings.tokenFile = file
      settings.log = { line in lines.update { $0.append(line) } }
    })
    defer { service.close() }
    func isServed(_ token: String) throws -> Bool {
      try RawClient.get(service.port, "/api/v1/runs", headers: ["Authorization: Bearer " + token]).status
        == 200
    }
    #expect(try isServed(Self.token))
    let other = String(repeating: "n3", count: 20)
    try Data("\(other)\n\(Self.token)\n".utf8).write(to: URL(filePath: file))
    try wait(for: "the other token") { try isServed(other) }
    #expect(try isServed(Self.token), "one token a line")
    try Data("short".utf8).write(to: URL(filePath: file))
    try wait(for: "the complaint") {
      _ = try isServed(other)
      return lines.update { $0 }.contains { $0.contains("the former tokens hold") }
    }
    #expect(try isServed(other))
    try Data("\(other)\n".utf8).write(to: URL(filePath: file))
    try wait(for: "the first token to be withdrawn") { try !isServed(Self.token) }
  }

  @Test func `token files that keep nobody out`() throws {
    for (text, mode, reason) in [
      (Self.token, 0o640, "other users of this machine can read it"), (Self.token, 0o604, "other users"),
      ("short", 0o600, "at least 32 visible ASCII characters"), ("", 0o600, "at least 32"),
      (Self.token + "\nshort\n", 0o600, "at least 32"), (Self.token + " x", 0o600, "at least 32"),
    ] {
      let file = try tokenFile(text, mode: mode)
      let error = #expect(throws: ServiceError.self) {
        try HTTPService.forTests(settings: { $0.tokenFile = file })
      }
      #expect(error.map { "\($0)".contains(reason) } == true, "\(String(describing: error))")
    }
  }

  @Test func `strangers are served only on purpose`() throws {
    let error = #expect(throws: ServiceError.self) { try HTTPService.forTests(at: "0.0.0.0:0") }
    #expect(
      error.map { "\($0)".contains("give --token-file, listen at 127.0.0.1, or write --insecure") } == true)
    for name in ["127.evil.example:0", "[::]:0"] {
      #expect(throws: ServiceError.self) { try HTTPService.forTests(at: name) }
    }
    let open = try HTTPService.forTests(at: "0.0.0.0:0", settings: { $0.isOpenToAll = true })
    defer { open.close() }
    #expect(try RawClient.get(open.port, "/healthz").status == 200)
    let file = try tokenFile(Self.token)
    let guarded = try HTTPService.forTests(at: "0.0.0.0:0", settings: { $0.tokenFile = file })
    defer { guarded.close() }
    #expect(try RawClient.get(guarded.port, "/api/v1/runs").status == 401)
  }

  @Test func `one client has no more than its share of requests`() throws {
    let service = try HTTPService.forTests { ($0.rate, $0.burst) = (0.001, 5) }
    defer { service.close() }
    let client = try RawClient(service.port)
    var statuses: [Int] = []
    for _ in 0..<7 {
      client.say("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
      statuses.append(try client.answer().status)
    }
    #expect(statuses == [200, 200, 200, 200, 200, 429, 429])
  }

  @Test func `one client has no more than its share of connections`() throws {
    let service = try HTTPService.forTests { $0.connectionsOfOneClient = 3 }
    defer { service.close() }
    var clients = try (0..<3).map { _ in try RawClient(service.port) }
    for client in clients {
      client.say("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(try client.answer().status == 200)
    }
    #expect(try RawClient(service.port).hearAll().isEmpty, "closed at once")
    clients.removeAll()
    try wait(for: "the places to be free") { (try? RawClient.get(service.port, "/healthz"))?.status == 200 }
  }

  @Test func `one client has no more than its share of the queue`() throws {
    let work = GatedWork(isOpen: false)
    let service = try HTTPService.forTests(work) { $0.ordersOfOneClient = 2 }
    defer { service.close() }
    let clients = try (0..<2).map { _ in
      let client = try RawClient(service.port)
      client.post("/api/v1/estimate")
      return client
    }
    try wait(for: "both to be taken in") {
      try RawClient.get(service.port, "/metrics").text.contains("pictures_waiting 1.0")
    }
    let refused = try RawClient.post(service.port, "/api/v1/estimate")
    #expect(try refused.status == 429 && RequestTests.detail(refused).contains("from this address"))
    work.open()
    for client in clients { #expect(try client.answer().status == 200) }
  }

  @Test func `requests are logged one a line`() throws {
    let log = folder.file("access").path
    let service = try HTTPService.forTests(settings: { $0.accessLog = log })
    #expect(try RawClient.get(service.port, "/healthz").status == 200)
    try wait(for: "a line") { (try? String(contentsOfFile: log, encoding: .utf8))?.hasSuffix("\n") == true }
    // Somebody takes the file away, as logrotate does.
    try FileManager.default.moveItem(atPath: log, toPath: log + ".1")
    _ = try RawClient.get(service.port, "/none?x=%0a%22y")
    service.close()
    let first = try String(contentsOfFile: log + ".1", encoding: .utf8)
    #expect(
      first.wholeMatch(of: /[0-9TZ:-]+ 127\.0\.0\.1 "GET \/healthz" 200 3 [0-9.]+\n/) != nil, "\(first)")
    let second = try String(contentsOfFile: log, encoding: .utf8)
    #expect(second.split(separator: "\n").count == 1 && second.contains(" 404 "), "\(second)")
  }
}
