import Foundation
internal import Hummingbird
internal import NIOCore
import Platform
import Synchronization

/// A body that was taken in. Its bytes count against the limit of all bodies until the last reference has gone, that is,
/// until no job works on it any more.
final class HeldBody: Sendable {
  let bytes: [UInt8]
  private let count: Int
  private let budget: ByteBudget

  /// - Parameter count: bytes of the budget that were taken for it, given back in the end.
  init(_ bytes: [UInt8], counting count: Int, of budget: ByteBudget) {
    (self.bytes, self.count, self.budget) = (bytes, count, budget)
  }

  deinit { budget.release(count) }
}

/// The bytes of all bodies that are held at a time.
final class ByteBudget: Sendable {
  private let limit: Int
  private let held = Mutex(0)

  init(_ limit: Int) { self.limit = limit }

  var isEmpty: Bool { held.withLock { $0 == 0 } }

  /// - Throws: `Problem` 429.
  func reserve(_ count: Int) throws(Problem) {
    let fits = held.withLock { held -> Bool in
      guard held + count <= limit else { return false }
      held += count
      return true
    }
    if !fits { throw .tooMany }
  }

  func release(_ count: Int) { held.withLock { $0 -= count } }
}

/// Takes in the bodies of requests, so many bytes at a time and no more.
struct Upload: Sendable {
  private let limits: Limits
  private let budget: ByteBudget

  init(_ limits: Limits) {
    self.limits = limits
    budget = ByteBudget(limits.bodies)
  }

  /// The picture in a request. A sender that is too slow is cut off.
  /// - Throws: `Problem` 400, 413, 415, 422, 429.
  func picture(of request: Request, _ visit: Visit) async throws -> HeldBody {
    let type = try UploadType(request.headers)
    let length = request.headers[.contentLength].flatMap { Int($0) }
    if let length, length > limits.body { throw tooLarge }
    var (bytes, counted) = ([UInt8](), 0)
    do {
      try await receive(request, visit, length: length, into: &bytes, counting: &counted)
      try type.unwrap(&bytes)
    } catch {
      bytes = []
      budget.release(counted)
      throw error
    }
    return HeldBody(bytes, counting: counted, of: budget)
  }

  private func receive(
    _ request: Request, _ visit: Visit, length: Int?, into bytes: inout [UInt8], counting counted: inout Int
  ) async throws {
    let end = visit.cutOff(afterSeconds: limits.upload)
    defer { end.cancel() }
    if let length { bytes.reserveCapacity(length) }
    var parts = request.body.makeAsyncIterator()
    while let part = try await next(&parts) {
      guard bytes.count + part.readableBytes <= limits.body else { throw tooLarge }
      // Without a length, the array grows by doubling.
      let wanted = bytes.count + part.readableBytes
      let held = length == nil && wanted > bytes.capacity ? 2 * wanted : wanted
      if held > counted {
        try budget.reserve(held - counted)
        counted = held
      }
      bytes.append(contentsOf: part.readableBytesView)
    }
    guard length == nil || bytes.count == length else {
      throw Problem(400, "the body ended after \(bytes.count) bytes; send it again")
    }
  }

  /// Whatever goes wrong in the stream of parts is the sender's fault: a chunk that is malformed, a connection that ends.
  private func next(_ parts: inout RequestBody.AsyncIterator) async throws(Problem) -> ByteBuffer? {
    do { return try await parts.next() } catch {
      throw Problem(
        400,
        "the body cannot be read: its chunked transfer coding (RFC 9112, 7.1) is wrong; correct it, or send a Content-Length"
      )
    }
  }

  private var tooLarge: Problem {
    Problem(413, "the body is larger than \(limits.body) bytes; send a smaller picture, or part of it")
  }
}

/// How a body holds a picture.
enum UploadType: Equatable {
  /// The body is the file. The decoder looks at the bytes, whatever the header says.
  case file
  /// The first file of a form.
  case form(boundary: String)

  private static let types: Set = [
    "image/png", "image/jpeg", "image/jpg", "image/pjpeg", "image/webp", "image/tiff", "image/avif",
    "image/heic",
    "image/heif", "image/bmp", "image/x-ms-bmp", "image/gif", "application/octet-stream",
  ]

  /// - Throws: `Problem` 400, 415. A missing type is refused, since browsers send bodies without a type to other sites
  ///   unasked.
  init(_ headers: HTTPFields) throws(Problem) {
    guard headers[.contentEncoding] == nil else {
      throw Problem(415, "pictures are sent without Content-Encoding; leave it out")
    }
    let header = headers[.contentType] ?? ""
    let type = header.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
    if type == "multipart/form-data" {
      guard let boundary = Multipart.boundary(in: header) else {
        throw Problem(
          400, "the form has no boundary of 1 to 70 characters; put it into Content-Type (RFC 7578)")
      }
      self = .form(boundary: boundary)
    } else if Self.types.contains(type) {
      self = .file
    } else {
      throw Problem(
        415,
        "pictures are sent as image/png, image/jpeg or another image type, the file itself as the body, or as a file in "
          + "multipart/form-data; set Content-Type so")
    }
  }

  /// Leaves the picture alone.
  func unwrap(_ bytes: inout [UInt8]) throws(Problem) {
    if case .form(let boundary) = self {
      let file = try Multipart.firstFile(in: bytes, boundary: boundary)
      bytes.removeLast(bytes.count - file.upperBound)
      bytes.removeFirst(file.lowerBound)
    }
    if bytes.isEmpty { throw Problem(422, "the request has no picture in it; send a picture's file") }
  }
}
