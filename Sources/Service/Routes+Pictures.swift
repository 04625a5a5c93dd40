import Foundation
internal import Hummingbird
import Platform

/// What is done to pictures by request.
struct PictureDesk: Sendable {
  let work: any PictureWork
  let queue: WorkQueue
  private let upload: Upload
  private let log: @Sendable (String) -> Void

  init(
    _ work: any PictureWork, _ limits: Limits, log: @escaping @Sendable (String) -> Void
  ) throws(ThreadError) {
    (self.work, self.log) = (work, log)
    (queue, upload) = (try WorkQueue(limits), Upload(limits))
  }

  @Sendable func estimate(_ request: Request, _ visit: Visit) async throws -> Response {
    var query = try Query(request.uri.query ?? "")
    let ticket = try query.takeTicket()
    let order = try EstimateRequest(query, accepted: request.headers[.accept])
    return try await answer(request, visit, ticket: ticket, inHand: order.inHand) { [work] in
      try work.estimate($0, order)
    }
  }

  @Sendable func enlarge(_ request: Request, _ visit: Visit) async throws -> Response {
    var query = try Query(request.uri.query ?? "")
    let ticket = try query.takeTicket()
    let order = try EnlargeRequest(query)
    return try await answer(request, visit, ticket: ticket, inHand: order.kernel.inHand) { [work] in
      try work.enlarge($0, order)
    }
  }

  @Sendable func restore(_ request: Request, _ visit: Visit) async throws -> Response {
    var query = try Query(request.uri.query ?? "")
    let ticket = try query.takeTicket()
    let order = try RestoreRequest(query)
    return try await answer(request, visit, ticket: ticket, inHand: order.kernel.inHand) { [work] in
      try work.restore($0, order)
    }
  }

  private func answer(
    _ request: Request, _ visit: Visit, ticket: String?, inHand: WorkInHand,
    body: @escaping @Sendable ([UInt8]) throws -> WorkResult
  ) async throws -> Response {
    let picture = try await upload.picture(of: request, visit)
    let result = try await queue.run(inHand, of: visit, ticket: ticket) { try body(picture.bytes) }
    var response = Response(result.bytes, type: result.type)
    if let checkpoint = result.checkpoint { response.headers[.checkpoint] = checkpoint }
    return response
  }

  /// How far a picture has come.
  @Sendable func progress(_: Request, _ visit: Visit) throws -> Response {
    guard let progress = queue.progress(visit.parameters.get("ticket") ?? "") else {
      throw Problem(
        404, "no picture with this ticket waits or is worked on: it has not arrived yet, or it is done")
    }
    var response = Response.json(progress)
    response.headers[.cacheControl] = "no-store"
    return response
  }

  /// What is worked with; 503 where nothing can be.
  @Sendable func tools(_: Request, _: Visit) throws -> Response { .json(try currentTools()) }

  @Sendable func ready(_: Request, _: Visit) throws -> Response {
    _ = try currentTools()
    return .text("ready\n")
  }

  /// - Throws: `Problem` 503; the reason names files here, so the log has it and the answer has not.
  private func currentTools() throws(Problem) -> WorkTools {
    do { return try work.tools() } catch {
      let problem = Problem.inside(503, "no weights can be used at present")
      log("HTTP: no weights can be used (incident \(problem.incident)): \(error)")
      throw problem.problem
    }
  }
}

extension Problem {
  /// A refusal whose reason is in the log alone, under a number.
  static func inside(_ status: Int, _ what: String) -> (incident: String, problem: Problem) {
    let incident = String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16)
    return (incident, Problem(status, "\(what); the server's log says why under incident \(incident)"))
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
