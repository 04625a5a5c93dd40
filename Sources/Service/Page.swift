import Foundation
internal import Hummingbird

/// The page's files, which the build puts beside the program; read once.
struct Page: Sendable {
  private let files: [String: Response]

  private static let types = [
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml", "png": "image/png",
  ]

  /// - Throws: `ServiceError.incomplete`.
  init() throws(ServiceError) {
    let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "metakernelgan_Service.resources/Page")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    var files: [String: Response] = [:]
    for name in names {
      let file = folder.appending(path: name)
      guard let type = Self.types[file.pathExtension], let bytes = try? Data(contentsOf: file) else {
        continue
      }
      files[name] = Response(Array(bytes), type: type)
    }
    guard files["index.html"] != nil else {
      throw .incomplete(file: folder.appending(path: "index.html").path)
    }
    self.files = files
  }

  /// - Throws: `Problem`, where the page has no such file.
  func response(_ name: String) throws(Problem) -> Response {
    guard var response = files[name] else { throw .notFound }
    // The page is of one piece with the program, so a browser asks for it anew; and it loads nothing from elsewhere.
    response.headers[.cacheControl] = "no-cache"
    response.headers[.contentSecurityPolicy] =
      "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
    return response
  }
}

extension Problem {
  static let notFound = Problem(
    404, "there is nothing at this path; /api/v1/openapi.yaml lists what there is")
}
