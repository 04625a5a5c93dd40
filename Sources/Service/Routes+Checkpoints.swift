import CheckpointExchange
import Checkpoints
import Foundation
internal import Hummingbird
import Messages
internal import NIOCore
import Platform
import Synchronization

/// Checkpoints by hash and by channel.
final class CheckpointDesk: Sendable {
  private let watch: RunWatch?
  /// The files asked for last, each checked against its hash when it was read.
  private let kept = Mutex<[(hash: String, bytes: ByteBuffer)]>([])

  private static let mostKept = 4

  init(_ watch: RunWatch?) { self.watch = watch }

  @Sendable func list(_: Request, _: Visit) -> Response {
    let all = (watch?.runs ?? []).flatMap(\.checkpoints).map(CheckpointReport.init)
    return .json(["checkpoints": all])
  }

  /// What a channel stands for.
  @Sendable func channel(_: Request, _ visit: Visit) throws -> Response {
    let names = ["run", "channel"].compactMap { visit.parameters.get($0) }.map {
      $0.removingPercentEncoding ?? $0
    }
    guard let channel = names.last, ChannelName(channel) != nil else {
      throw Problem(422, "this is no channel; ask for \(ChannelName.expected)")
    }
    guard let name = ChannelName(names.joined(separator: "/")) else {
      throw Problem(404, "no run can be called so; /api/v1/runs lists those that are served")
    }
    let found = try find(name).checkpoint
    var response = Response.json(CheckpointReport(found))
    response.headers[.cacheControl] = "no-cache"
    return response
  }

  /// The file with a hash: as it never changes, it may be kept for ever.
  @Sendable func file(_ request: Request, _ visit: Visit) throws -> Response {
    let hash = visit.parameters.get("sha256") ?? ""
    guard let name = ChannelName("sha256:\(hash)") else {
      throw Problem(
        422, "a checkpoint is named by 64 lower-case hexadecimal digits; /api/v1/checkpoints lists them")
    }
    let found = try find(name)
    let headers: HTTPFields = [
      .eTag: "\"\(hash)\"", .cacheControl: "public, max-age=31536000, immutable", .acceptRanges: "bytes",
      .contentType: "application/octet-stream",
    ]
    if Self.lists(request.headers[.ifNoneMatch], hash) {
      return Response(status: .notModified, headers: headers)
    }
    return part(of: try bytes(hash, found.path), for: request, headers: headers, sha256: hash)
  }

  private func part(
    of bytes: ByteBuffer, for request: Request, headers: HTTPFields, sha256: String
  ) -> Response {
    let size = bytes.readableBytes
    let isSame = request.headers[.ifRange].map { $0 == "\"\(sha256)\"" } ?? true
    switch request.method == .get && isSame ? ByteRange(request.headers[.range], of: size) : .whole {
    case .whole: return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: bytes))
    case .unsatisfiable:
      var response = Problem(416, "the file has \(size) bytes; ask for a range within them").response
      response.headers[.contentRange] = "bytes */\(size)"
      return response
    case .part(let range):
      var headers = headers
      headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
      let part = bytes.getSlice(at: bytes.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
      return Response(status: .partialContent, headers: headers, body: ResponseBody(byteBuffer: part))
    }
  }

  private func find(_ name: ChannelName) throws(Problem) -> (checkpoint: ServedCheckpoint, path: String) {
    guard let watch else { throw Problem(404, "no runs are served here") }
    switch watch.find(name) {
    case .success(let found): return found
    case .failure(let refusal):
      throw Problem(refusal.reason == .ambiguousRun ? 409 : 404, refusal.explanation)
    }
  }

  private func bytes(_ hash: String, _ path: String) throws -> ByteBuffer {
    if let found = kept.withLock({ $0.first { $0.hash == hash } }) { return found.bytes }
    guard let read = try? Data(contentsOf: URL(filePath: path)), (try? SHA256.hex(of: read)) == hash else {
      throw Problem(
        404, "the run has just removed this checkpoint; /api/v1/checkpoints lists those that there are")
    }
    let bytes = ByteBuffer(bytes: read)
    kept.withLock { kept in
      kept.append((hash, bytes))
      if kept.count > Self.mostKept { kept.removeFirst() }
    }
    return bytes
  }

  /// Whether If-None-Match names it (RFC 9110, 13.1.2: weak comparison).
  private static func lists(_ header: String?, _ hash: String) -> Bool {
    guard let header else { return false }
    let tags = header.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    return tags.contains { $0 == "*" || $0 == "\"\(hash)\"" || $0 == "W/\"\(hash)\"" }
  }
}
