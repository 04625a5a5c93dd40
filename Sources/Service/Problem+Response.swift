import Foundation
internal import Hummingbird

extension Problem {
  private struct Body: Encodable { let status: Int, detail: String }

  var response: Response {
    let status = HTTPResponse.Status(code: status)
    var response = Response.json(
      Body(status: self.status, detail: detail), status: status)
    response.headers[.contentType] = "application/problem+json"
    if let retryAfter { response.headers[.retryAfter] = "\(retryAfter)" }
    if self.status == 401 { response.headers[.wwwAuthenticate] = "Bearer" }
    if !allowed.isEmpty { response.headers[.allow] = allowed.joined(separator: ", ") }
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
