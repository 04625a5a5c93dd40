import Foundation
internal import Hummingbird

/// Why a request is refused, as its sender is told (RFC 9457).
public struct Problem: Error, Equatable, Sendable {
  /// HTTP status, 400 to 599; 499 where the client hung up.
  public let status: Int
  /// One sentence: what was wrong and what to do.
  public let detail: String
  /// After so many seconds another try may succeed.
  public var retryAfter: Int?
  /// Methods that the path knows, for status 405.
  var allowed: [HTTPRequest.Method] = []

  public init(_ status: Int, _ detail: String, retryAfter: Int? = nil) {
    (self.status, self.detail, self.retryAfter) = (status, detail, retryAfter)
  }

  private struct Body: Encodable { let status: Int, detail: String }

  var response: Response {
    let status = HTTPResponse.Status(code: status)
    var response = Response.json(
      Body(status: self.status, detail: detail), status: status)
    response.headers[.contentType] = "application/problem+json"
    if let retryAfter { response.headers[.retryAfter] = "\(retryAfter)" }
    if self.status == 401 { response.headers[.wwwAuthenticate] = "Bearer" }
    if !allowed.isEmpty { response.headers[.allow] = allowed.map(\.rawValue).joined(separator: ", ") }
    return response
  }
}

extension Response {
  /// - Parameter value: of numbers that are finite, and strings, which always can be encoded.
  static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) -> Response {
    let bytes = (try? JSONEncoder.service.encode(value)) ?? Data("{}".utf8)
    return Response(Array(bytes), type: "application/json", status: status)
  }

  static func json(_ encoded: Data) -> Response { Response(Array(encoded), type: "application/json") }

  init(_ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok) {
    self.init(
      status: status, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}

extension JSONEncoder {
  /// As everything that this program writes in JSON.
  static var service: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return encoder
  }
}
