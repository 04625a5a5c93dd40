import Foundation
import Platform
import Service
import Support
import Testing

@Suite("What is asked over HTTP", .offThePool)
struct RequestTests {
  @Test func addresses() throws {
    let good = [
      ("127.0.0.1:8080", "http://127.0.0.1:8080", true), ("[::1]:1", "http://[::1]:1", true),
      ("localhost:0", "http://localhost:0", true), ("0.0.0.0:80", "http://0.0.0.0:80", false),
      ("[::]:80", "http://[::]:80", false),
    ]
    for (text, shown, isLoopback) in good {
      let address = try HTTPAddress(text)
      #expect("\(address)" == shown && address.isLoopback == isLoopback)
    }
    for text in [
      "", "8080", ":80", "host", "host:", "host:65536", "host:-1", "::1:80", "http://host:80", "[]:1",
    ] {
      #expect(throws: ServiceError.badAddress(text)) { try HTTPAddress(text) }
    }
    #expect(
      "\(ServiceError.badAddress("x"))"
        == "cannot serve HTTP at \"x\": it is not HOST:PORT, such as 127.0.0.1:8080; correct it")
  }

  @Test func `an address that is taken`() throws {
    let service = try HTTPService.forTests()
    defer { service.close() }
    let text = "\(service.address)".dropFirst(7)
    let error = #expect(throws: ServiceError.self) {
      try HTTPService(
        listeningAt: HTTPAddress(String(text)), runs: nil, pictures: GatedWork(),
        HTTPSettings(Limits(jobs: 1)))
    }
    #expect(
      error.map { "\($0)" }
        == "cannot serve HTTP at http://\(text): Address already in use; choose another address or port with --http"
    )
  }

  @Test func `orders are what the query says`() throws {
    let service = try HTTPService.forTests()
    defer { service.close() }
    for (query, text) in [
      ("", "2 - -1 0"), ("?scale=4&mode=paper&steps=7", "4 paper 7 0"),
      ("?seed=18446744073709551615", "2 - -1 18446744073709551615"), ("?s%63ale=4", "4 - -1 0"),
    ] {
      let answer = try RawClient.post(service.port, "/api/v1/estimate" + query)
      #expect(answer.status == 200 && answer.text == text && answer.headers["checkpoint-sha256"] == "abc")
    }
    for (query, text) in [
      ("", "kernel -1.0"), ("?noise=auto", "kernel -1.0"), ("?noise=2.5&method=bicubic", "bicubic 2.5"),
    ] {
      #expect(try RawClient.post(service.port, "/api/v1/super-resolve" + query).text == text)
    }
  }

  @Test func `bad orders say what to do`() throws {
    let service = try HTTPService.forTests()
    defer { service.close() }
    for (query, detail) in [
      ("scale=3", #"the parameter scale is "3", but must be 2 or 4"#),
      ("mode=", #"the parameter mode is "", but must be best or paper"#),
      ("steps=-1", #"the parameter steps is "-1", but must be a whole number from 0 to 1000"#),
      ("steps=1001", #"the parameter steps is "1001", but must be a whole number from 0 to 1000"#),
      ("seed=18446744073709551616", "from 0 to 18446744073709551615"),
      ("format=mat", #"the parameter format is "mat", but must be json or npy or png"#),
      ("scale=2&scale=2", #"the parameter "scale" is given twice; give it once"#),
      ("zoom=2", #"there is no parameter "zoom" here; /api/v1/openapi.yaml lists those that there are"#),
      ("scale=%ff", "the query is not percent-encoded UTF-8; encode it"),
    ] {
      let answer = try RawClient.post(service.port, "/api/v1/estimate?" + query)
      #expect(answer.status == 422 && answer.headers["content-type"] == "application/problem+json")
      #expect(try Self.detail(answer).contains(detail), "\(answer.text)")
    }
    for noise in ["256", "-1", "nan", "inf", ""] {
      #expect(try RawClient.post(service.port, "/api/v1/super-resolve?noise=" + noise).status == 422)
    }
  }

  static func detail(_ answer: RawClient.Answer) throws -> String {
    struct Body: Decodable { let status: Int, detail: String }
    let body = try JSONDecoder().decode(Body.self, from: Data(answer.body))
    #expect(body.status == answer.status)
    return body.detail
  }

  @Test func `kernels come as the sender likes them`() throws {
    let service = try HTTPService.forTests()
    defer { service.close() }
    for (accept, type) in [
      ("*/*", "application/json"), ("image/png", "image/png"),
      ("image/*, application/json;q=0.5", "image/png"),
      ("application/octet-stream;q=0.9, image/png;q=0.1", "application/octet-stream"), ("text/html", nil),
      ("application/json;q=0", nil),
    ] {
      let answer = try RawClient.post(
        service.port, "/api/v1/estimate", body: [1],
        headers: ["Content-Type: image/png", "Accept: " + accept])
      #expect(answer.status == (type == nil ? 406 : 200))
      if let type { #expect(answer.headers["content-type"] == type) }
    }
  }

  @Test func `other methods are named`() throws {
    let service = try HTTPService.forTests()
    defer { service.close() }
    for (method, path, allowed) in [
      ("DELETE", "/api/v1/runs", "GET, HEAD"), ("GET", "/api/v1/estimate", "POST"),
      ("POST", "/", "GET, HEAD"),
    ] {
      let answer = try RawClient.get(service.port, path, method: method)
      #expect(answer.status == 405 && answer.headers["allow"] == allowed)
    }
  }

  @Test func `the page is all that is served of the disk`() throws {
    let service = try HTTPService.forTests()
    defer { service.close() }
    let page = try RawClient.get(service.port, "/")
    #expect(page.status == 200 && page.headers["content-type"] == "text/html; charset=utf-8")
    #expect(page.headers["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
    #expect(try RawClient.get(service.port, "/page.css").headers["content-type"] == "text/css; charset=utf-8")
    #expect(try RawClient.get(service.port, "/api/v1/openapi.yaml").text.hasPrefix("openapi: 3.1"))
    for path in [
      "/../openapi.yaml", "/%2e%2e%2fopenapi.yaml", "/..", "/none", "/api/v1/none", "//etc/passwd",
    ] {
      #expect(try RawClient.get(service.port, path).status == 404, "\(path)")
    }
  }

  @Test func `health, readiness and figures`() throws {
    let work = GatedWork(isOpen: false)
    let service = try HTTPService.forTests(work)
    defer { service.close() }
    #expect(try RawClient.get(service.port, "/healthz").text == "ok\n")
    let sick = try RawClient.get(service.port, "/readyz")
    #expect(
      try sick.status == 503
        && Self.detail(sick).hasPrefix(
          "no weights can be used at present; the server's log says why under incident ")
    )
    work.open()
    #expect(try RawClient.get(service.port, "/readyz").status == 200)
    let metrics = try RawClient.get(service.port, "/metrics")
    #expect(metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
    for line in metrics.text.split(separator: "\n") where !line.hasPrefix("# ") {
      #expect(
        line.wholeMatch(of: /metakernelgan_[a-z_]+({([a-z]+="[^"]*",?)+})? [0-9.e-]+/) != nil, "\(line)")
    }
    #expect(
      metrics.text.contains(
        #"metakernelgan_http_requests_total{method="GET",route="/readyz",status="503"} 1.0"#))
  }

  /// What failed inside is for the log: it may name files and what they hold.
  @Test func `what the server is to blame for is in the log alone`() throws {
    let lines = Monitor<[String]>([])
    let service = try HTTPService.forTests(settings: { $0.log = { line in lines.update { $0.append(line) } } }
    )
    defer { service.close() }
    let refused = try RawClient.post(service.port, "/api/v1/estimate", body: [0])
    #expect(try refused.status == 422 && Self.detail(refused) == "a zero")
    let failed = try RawClient.post(service.port, "/api/v1/estimate", body: [2])
    let detail = try Self.detail(failed)
    #expect(
      failed.status == 500
        && detail.hasPrefix("the server failed at this; the server's log says why under incident "))
    #expect(!failed.text.contains("weights"))
    let incident = try #require(detail.split(separator: " ").last)
    let told = lines.update { $0 }
    #expect(
      told == ["HTTP: POST \"/api/v1/estimate\" failed (incident \(incident)): no weights; install them"])
  }
}
