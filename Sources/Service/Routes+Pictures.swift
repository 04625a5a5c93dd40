import Foundation
internal import Hummingbird
import Platform

/// What is done to pictures by request.
struct PictureDesk: Sendable {
  let work: any PictureWork
  let queue: WorkQueue
  let upload: Upload

  init(_ work: any PictureWork, _ limits: Limits) {
    (self.work, queue, upload) = (work, WorkQueue(limits), Upload(limits))
  }

  @Sendable func estimate(_ request: Request, _ visit: Visit) async throws -> Response {
    let order = try EstimateOrder(request)
    return try await upload.withPicture(of: request, visit) { picture in
      try await answer { [work] in try work.estimate(picture, order) }
    }
  }

  @Sendable func enlarge(_ request: Request, _ visit: Visit) async throws -> Response {
    let order = try EnlargeOrder(request)
    return try await upload.withPicture(of: request, visit) { picture in
      try await answer { [work] in try work.enlarge(picture, order) }
    }
  }

  private func answer(_ body: @escaping @Sendable () throws -> WorkResult) async throws -> Response {
    let result = try await queue.run(body)
    var response = Response(result.bytes, type: result.type)
    if let checkpoint = result.checkpoint { response.headers[.checkpoint] = checkpoint }
    return response
  }

  /// What is worked with; 503 where nothing can be.
  @Sendable func tools(_: Request, _: Visit) throws -> Response {
    do { return .json(try work.tools()) } catch { throw Problem(503, "\(error)") }
  }

  @Sendable func ready(_: Request, _: Visit) throws -> Response {
    do { _ = try work.tools() } catch { throw Problem(503, "\(error)") }
    return .text("ready\n")
  }
}

extension HTTPFields.Element.Name {
  /// SHA-256 of the checkpoint that a kernel was estimated with.
  static var checkpoint: Self { Self("Checkpoint-SHA256") ?? .server }
}

extension Response {
  static func text(_ text: String) -> Response {
    Response(Array(text.utf8), type: "text/plain; charset=utf-8")
  }
}
