import Foundation
internal import Hummingbird

/// Which path leads where.
struct Routes {
  typealias Handler = @Sendable (Request, BasicRequestContext) async throws -> Response

  let router = Router(options: .autoGenerateHeadEndpoints)

  init(page: Page, board: RunsBoard) {
    router.add(middleware: Reception())
    get("/") { _, _ in try page.response("index.html") }
    get("/healthz") { _, _ in Response(Array("ok\n".utf8), type: "text/plain; charset=utf-8") }
    get("/api/v1/runs") { _, _ in .json(board.now.content.all) }
    get("/api/v1/runs/{name}") { _, context in
      guard let name = context.parameters.get("name"), let run = board.now.content.runs[name] else {
        throw Problem(404, "no such run is served here; /api/v1/runs lists those that are")
      }
      return .json(run)
    }
    get("/api/v1/events") { _, _ in EventStream(board: board).response }
    get("/{file}") { _, context in try page.response(context.parameters.get("file") ?? "") }
  }

  private func get(_ path: RouterPath, _ handler: @escaping Handler) { on(path, [.get: handler]) }

  /// Answers other methods than these by naming them.
  private func on(_ path: RouterPath, _ handlers: [HTTPRequest.Method: Handler]) {
    let allowed = handlers.keys.flatMap { $0 == .get ? [.get, .head] : [$0] }
    for (method, handler) in handlers { router.on(path, method: method, use: handler) }
    for method in [.get, .head, .post, .put, .patch, .delete, .options, .trace] as [HTTPRequest.Method]
    where !allowed.contains(method) {
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

/// Stands before every handler: what they throw becomes an answer.
struct Reception: RouterMiddleware {
  func handle(
    _ request: Request, context: BasicRequestContext,
    next: (Request, BasicRequestContext) async throws -> Response
  ) async throws -> Response {
    var response: Response
    do { response = try await next(request, context) } catch let problem as Problem {
      response = problem.response
    } catch let error as HTTPError where error.status == .notFound {
      response = Problem.notFound.response
    }
    response.headers[.xContentTypeOptions] = "nosniff"
    return response
  }
}
