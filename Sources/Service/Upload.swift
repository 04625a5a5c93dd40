import Foundation
internal import Hummingbird
internal import NIOCore
import Synchronization

/// Takes in the bodies of requests, so many bytes at a time and no more.
final class Upload: Sendable {
  private let limits: Limits
  private let held = Mutex(0)

  private static let types = ["image/png", "image/jpeg", "application/octet-stream"]

  init(_ limits: Limits) { self.limits = limits }

  /// Hands the picture in a request to `body`. A sender that is too slow is cut off.
  /// - Throws: `Problem` 400, 413, 415, 429, and what `body` throws.
  func withPicture<Value>(
    of request: Request, _ visit: Visit, _ body: ([UInt8]) async throws -> Value
  ) async throws -> Value {
    try Self.checkType(request)
    let length = request.headers[.contentLength].flatMap { Int($0) }
    if let length, length > limits.body { throw tooLarge }
    var bytes: [UInt8] = []
    defer { release(bytes.count) }
    try await receive(request, visit, length, &bytes)
    if bytes.isEmpty { throw Problem(422, "the request has no body; send a PNG or JPEG file as it is") }
    return try await body(bytes)
  }

  private func receive(_ request: Request, _ visit: Visit, _ length: Int?, _ bytes: inout [UInt8])
    async throws
  {
    let end = visit.cutOff(afterSeconds: limits.upload)
    defer { end.cancel() }
    for try await part in request.body {
      guard bytes.count + part.readableBytes <= limits.body else { throw tooLarge }
      try reserve(part.readableBytes)
      bytes.append(contentsOf: part.readableBytesView)
    }
    guard length == nil || bytes.count == length else {
      throw Problem(400, "the body ended after \(bytes.count) bytes; send it again")
    }
  }

  private func reserve(_ count: Int) throws(Problem) {
    let fits = held.withLock { held -> Bool in
      guard held + count <= limits.bodies else { return false }
      held += count
      return true
    }
    if !fits { throw .tooMany }
  }

  private func release(_ count: Int) { held.withLock { $0 -= count } }

  private var tooLarge: Problem {
    Problem(413, "the body is larger than \(limits.body) bytes; send a smaller picture, or part of it")
  }

  private static func checkType(_ request: Request) throws(Problem) {
    let type = request.headers[.contentType].map { $0.prefix { $0 != ";" } } ?? "application/octet-stream"
    guard types.contains(type.trimmingCharacters(in: .whitespaces).lowercased()) else {
      throw Problem(
        415, "pictures are sent as image/png or image/jpeg, the file itself as the body; set Content-Type so")
    }
    guard request.headers[.contentEncoding] == nil else {
      throw Problem(415, "pictures are sent without Content-Encoding; leave it out")
    }
  }
}
