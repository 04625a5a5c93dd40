import Foundation
internal import Hummingbird
import Platform

/// Stands before every handler: decides who is heard, makes answers of what handlers throw, and counts and logs what is
/// answered.
struct Reception: RouterMiddleware {
  let metrics: Metrics
  let limits: Limits
  let clients: Clients
  let door: Doorkeeper
  let access: AccessLog?
  let log: @Sendable (String) -> Void

  func handle(
    _ request: Request, context: Visit, next: (Request, Visit) async throws -> Response
  ) async throws -> Response {
    let begin = Deadline.now
    var response = await answer(request, in: context, next)
    response.headers[.xContentTypeOptions] = "nosniff"
    // What is left of a body would be read to its end, however slowly it comes.
    if request.bearsBody, request.method != .post || response.status.code >= 400 {
      response.headers[.connection] = "close"
      _ = context.cutOff(afterSeconds: limits.farewell)
    }
    metrics.count(
      route: context.endpointPath ?? "none", method: request.method.rawValue, status: response.status.code,
      seconds: begin.elapsed)
    access?.add(Self.line(request, in: context, answeredBy: response, seconds: begin.elapsed))
    return response.paced(context, seconds: limits.download)
  }

  private func answer(
    _ request: Request, in visit: Visit, _ next: (Request, Visit) async throws -> Response
  ) async -> Response {
    do {
      try clients.admit(visit.client)
      try door.admit(request, visit)
      return try await next(request, visit)
    } catch let problem as Problem {
      return problem.response
    } catch let error as HTTPError {
      return Self.problem(of: error).response
    } catch is WorkCancelled {
      return Problem.hungUp.response
    } catch {
      let (incident, problem) = Problem.inside(500, "the server failed at this")
      log(
        "HTTP: \(request.method.rawValue) \(quoted(request.uri.path)) failed (incident \(incident)): \(error)"
      )
      return problem.response
    }
  }

  private static func problem(of error: HTTPError) -> Problem {
    error.status == .notFound
      ? .notFound : Problem(error.status.code, "the request cannot be read; see /api/v1/openapi.yaml")
  }

  /// Time, address, request, status, bytes ("-" where the length is not known) and seconds until the first byte.
  private static func line(
    _ request: Request, in visit: Visit, answeredBy response: Response, seconds: Double
  ) -> String {
    let time = Date().ISO8601Format()
    let bytes = response.body.contentLength.map { "\($0)" } ?? "-"
    return "\(time) \(visit.client) \(quoted("\(request.method.rawValue) \(request.uri.description)")) "
      + "\(response.status.code) \(bytes) \(String(format: "%.3f", seconds))"
  }
}

extension Request {
  /// Whether one was announced (RFC 9112, 6).
  fileprivate var bearsBody: Bool {
    headers[.transferEncoding] != nil || headers[.contentLength].map { $0 != "0" } ?? false
  }
}
