import Foundation
internal import Hummingbird

/// Which path leads where.
struct Routes {
  typealias Handler = @Sendable (Request, Visit) async throws -> Response

  let router = Router(context: Visit.self, options: .autoGenerateHeadEndpoints)

  init(
    _ files: ServiceFiles, _ board: RunsBoard, _ checkpoints: CheckpointDesk, _ pictures: PictureDesk,
    _ limits: Limits
  ) {
    let metrics = Metrics()
    router.add(middleware: Reception(metrics: metrics, limits: limits))
    get("/") { _, _ in try files.page("index.html") }
    get("/healthz") { _, _ in .text("ok\n") }
    get("/readyz", pictures.ready)
    get("/metrics") { _, _ in
      Response(
        Array(metrics.text(pictures.queue.load, board.now.reports).utf8),
        type: "text/plain; version=0.0.4; charset=utf-8")
    }
    get("/api/v1/openapi.yaml") { _, _ in files.description }
    addRuns(board)
    get("/api/v1/checkpoints", checkpoints.list)
    get("/api/v1/checkpoints/{sha256}", checkpoints.file)
    get("/api/v1/channels/{channel}", checkpoints.channel)
    get("/api/v1/channels/{run}/{channel}", checkpoints.channel)
    get("/api/v1/estimator", pictures.tools)
    on("/api/v1/estimate", [.post: pictures.estimate])
    on("/api/v1/super-resolve", [.post: pictures.enlarge])
    get("/{file}") { _, visit in try files.page(visit.parameters.get("file") ?? "") }
  }

  private func addRuns(_ board: RunsBoard) {
    get("/api/v1/runs") { _, _ in .json(board.now.content.all) }
    get("/api/v1/runs/{name}") { _, visit in
      guard let name = visit.parameters.get("name")?.removingPercentEncoding,
        let run = board.now.content.runs[name]
      else {
        throw Problem(404, "no such run is served here; /api/v1/runs lists those that are")
      }
      return .json(run)
    }
    get("/api/v1/events") { _, _ in EventStream(board: board).response }
  }

  private static let methods: [HTTPRequest.Method] =
    [.get, .head, .post, .put, .patch, .delete, .options, .trace]
    + [HTTPRequest.Method("QUERY")].compactMap { $0 }

  private func get(_ path: RouterPath, _ handler: @escaping Handler) { on(path, [.get: handler]) }

  /// Answers other methods than these by naming them.
  private func on(_ path: RouterPath, _ handlers: [HTTPRequest.Method: Handler]) {
    let allowed = handlers.keys.flatMap { $0 == .get ? [.get, .head] : [$0] }
    for (method, handler) in handlers { router.on(path, method: method, use: handler) }
    for method in Self.methods where !allowed.contains(method) {
      router.on(path, method: method) { _, _ -> Response in throw Problem.wrongMethod(allowed) }
    }
  }
}

extension Problem {
  static func wrongMethod(_ allowed: [HTTPRequest.Method]) -> Problem {
    let names = allowed.map(\.rawValue).joined(separator: " and ")
    var problem = Problem(405, "this path answers only to \(names)")
    problem.allowed = allowed
    return problem
  }
}

/// Stands before every handler: what they throw becomes an answer, and what is answered is counted.
private struct Reception: RouterMiddleware {
  let metrics: Metrics
  let limits: Limits

  func handle(
    _ request: Request, context: Visit, next: (Request, Visit) async throws -> Response
  ) async throws -> Response {
    let begin = ContinuousClock.now
    var response = await answer(request, context, next)
    response.headers[.xContentTypeOptions] = "nosniff"
    // What is left of a body would be read to its end, however slowly it comes.
    if request.bearsBody, request.method != .post || response.status.code >= 400 {
      response.headers[.connection] = "close"
      _ = context.cutOff(afterSeconds: limits.farewell)
    }
    metrics.count(
      route: context.endpointPath ?? "none", method: request.method.rawValue, status: response.status.code,
      seconds: begin.duration(to: .now) / .seconds(1))
    return response.paced(context, seconds: limits.download)
  }

  private func answer(
    _ request: Request, _ visit: Visit, _ next: (Request, Visit) async throws -> Response
  ) async -> Response {
    do { return try await next(request, visit) } catch let problem as Problem {
      return problem.response
    } catch let error as HTTPError where error.status == .notFound {
      return Problem.notFound.response
    } catch {
      return Problem(500, "the server failed at this: \(error)").response
    }
  }
}

extension Request {
  /// Whether one was announced (RFC 9112, 6).
  fileprivate var bearsBody: Bool {
    headers[.transferEncoding] != nil || headers[.contentLength].map { $0 != "0" } ?? false
  }
}
