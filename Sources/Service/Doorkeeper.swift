import Foundation
internal import Hummingbird
internal import NIOCore

/// Who may ask: requests with a token where there are tokens, under a name of this server, and not from pages of other
/// sites.
struct Doorkeeper: Sendable {
  /// Names, besides the connection's own address, that a Host header may have; in lower case.
  private let names: Set<String>
  /// The names that the operator gave: a proxy's, under which pages are this server's own.
  private let proxyNames: Set<String>
  private let tokens: TokenFile?
  private let files: ServiceFiles

  /// - Parameter names: of this server, for those who reach it by a proxy or by DNS.
  init(_ address: HTTPAddress, names: [String], tokens: TokenFile?, files: ServiceFiles) {
    self.names = Set((names + ["localhost", address.host]).map { Self.normal($0) })
    proxyNames = Set(names.map { Self.normal($0) })
    (self.tokens, self.files) = (tokens, files)
  }

  /// - Throws: `Problem` 400, 401, 403, 421.
  func admit(_ request: Request, _ visit: Visit) throws(Problem) {
    try checkHost(request, visit)
    if request.method == .post || request.uri.path == "/api/v1/events" { try checkSite(request) }
    try checkToken(request)
  }

  /// A page of another site can have its own name resolved to this server (DNS rebinding), and then reads the answers.
  private func checkHost(_ request: Request, _ visit: Visit) throws(Problem) {
    guard let authority = request.head.authority, !authority.isEmpty else {
      throw Problem(400, "the request has no Host header; name the server in it")
    }
    let host = Self.host(of: authority)
    if names.contains(host) || HTTPAddress.isLoopback(host) || host.hasSuffix(".localhost") { return }
    if let own = visit.channel.localAddress?.ipAddress, Self.normal(own) == host { return }
    throw Problem(
      421,
      "this server does not answer to the name in the Host header; use its address, or start it with --host-name"
    )
  }

  /// Browsers say in these headers which site sends a request; other clients leave them out.
  private func checkSite(_ request: Request) throws(Problem) {
    let site = request.headers[.secFetchSite] ?? "none"
    guard ["same-origin", "none"].contains(site), request.headers[.origin].map({ isOwn($0, request) }) ?? true
    else { throw Problem(403, "pages of other sites may not use this server; open its own page") }
  }

  /// Whether an origin, such as `https://photos.example`, is this server's.
  private func isOwn(_ origin: String, _ request: Request) -> Bool {
    guard let scheme = origin.range(of: "://") else { return false }
    let authority = Self.normal(String(origin[scheme.upperBound...]))
    return authority == request.head.authority.map { Self.normal($0) } || proxyNames.contains(authority)
  }

  private func checkToken(_ request: Request) throws(Problem) {
    guard let tokens, !Self.isFree(request.uri.path, files) else { return }
    let parts = (request.headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer", tokens.accepts(String(parts[1])) else {
      throw Problem(
        401, "this needs a token; send one from the server's --token-file as Authorization: Bearer TOKEN")
    }
  }

  private static func isFree(_ path: String, _ files: ServiceFiles) -> Bool {
    ["/healthz", "/readyz"].contains(path) || files.isPage(path)
  }

  /// The host in `host:port`, IPv6 without its brackets.
  static func host(of authority: String) -> String {
    if authority.hasPrefix("[") { return normal(String(authority.dropFirst().prefix { $0 != "]" })) }
    return normal(String(authority.prefix { $0 != ":" }))
  }

  private static func normal(_ name: String) -> String {
    let name = name.lowercased()
    return name.hasSuffix(".") ? String(name.dropLast()) : name
  }
}

extension HTTPFields.Element.Name {
  static var secFetchSite: Self { Self("Sec-Fetch-Site") ?? .origin }
}
