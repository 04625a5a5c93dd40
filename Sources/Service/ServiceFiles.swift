import Foundation
internal import Hummingbird
import Platform

/// The page's files and the API's description, which the build puts beside the program; read once.
struct ServiceFiles: Sendable {
  private let files: [String: Response]
  /// The API's, in OpenAPI.
  let description: Response

  private static let types = [
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml", "png": "image/png",
  ]

  /// Nothing from elsewhere, and nothing that was put into the page.
  private static let policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

  /// - Throws: `ServiceError.incomplete`.
  init() throws(ServiceError) {
    let folder = ProgramFolder.resources(of: "Service")
    let page = folder.appending(path: "Page")
    var files: [String: Response] = [:]
    for name in (try? FileManager.default.contentsOfDirectory(atPath: page.path)) ?? [] {
      let file = page.appending(path: name)
      guard let type = Self.types[file.pathExtension] else { continue }
      files[name] = Response(try Self.read(file), type: type)
    }
    guard files["index.html"] != nil else { throw .incomplete(file: page.appending(path: "index.html").path) }
    self.files = files
    description = Response(try Self.read(folder.appending(path: "openapi.yaml")), type: "application/yaml")
  }

  /// Whether the page has a file at this path.
  func isPage(_ path: String) -> Bool {
    path == "/" || path.hasPrefix("/") && files[String(path.dropFirst())] != nil
  }

  private static func read(_ file: URL) throws(ServiceError) -> [UInt8] {
    guard let bytes = try? Data(contentsOf: file) else { throw .incomplete(file: file.path) }
    return Array(bytes)
  }

  /// - Throws: `Problem`, where the page has no such file.
  func page(_ name: String) throws(Problem) -> Response {
    guard var response = files[name] else { throw .notFound }
    // The page is of one piece with the program, so a browser asks for it anew.
    response.headers[.cacheControl] = "no-cache"
    response.headers[.contentSecurityPolicy] = Self.policy
    return response
  }
}

extension Problem {
  static let notFound = Problem(
    404, "there is nothing at this path; /api/v1/openapi.yaml lists what there is")
}
