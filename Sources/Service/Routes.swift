import Foundation
internal import Hummingbird

/// Which path leads where.
struct Routes {
  typealias Handler = @Sendable (Request, Visit) async throws -> Response

  let router = Router(context: Visit.self, options: .autoGenerateHeadEndpoints)

  /// What handlers need.
  struct Parts {
    let files: ServiceFiles
    let board: RunsBoard
    let checkpoints: CheckpointDesk
    let pictures: PictureDesk
    let streams: StreamPlaces
  }

  init(_ parts: Parts, _ reception: Reception) {
    let (files, pictures, checkpoints, board) = (parts.files, parts.pictures, parts.checkpoints, parts.board)
    let metrics = reception.metrics
    router.add(middleware: reception)
    get("/") { _, _ in try files.page("index.html") }
    get("/healthz") { _, _ in .text("ok\n") }
    get("/readyz", pictures.ready)
    get("/metrics") { _, _ in
      Response(
        Array(metrics.text(pictures.queue.load, board.now.reports).utf8),
        type: "text/plain; version=0.0.4; charset=utf-8")
    }
    get("/api/v1/openapi.yaml") { _, _ in files.description }
    addRuns(board, parts.streams)
    get("/api/v1/checkpoints", checkpoints.list)
    get("/api/v1/checkpoints/{sha256}", checkpoints.file)
    get("/api/v1/channels/{channel}", checkpoints.channel)
    get("/api/v1/channels/{run}/{channel}", checkpoints.channel)
    get("/api/v1/estimator", pictures.tools)
    get("/api/v1/progress/{ticket}", pictures.progress)
    on("/api/v1/estimate", [.post: pictures.estimate])
    on("/api/v1/super-resolve", [.post: pictures.enlarge])
    on("/api/v1/restore", [.post: pictures.restore])
    get("/{file}") { _, visit in try files.page(visit.parameters.get("file") ?? "") }
  }

  private func addRuns(_ board: RunsBoard, _ streams: StreamPlaces) {
    get("/api/v1/runs") { _, _ in .json(board.now.content.all) }
    get("/api/v1/runs/{name}") { _, visit in
      guard let name = visit.parameters.get("name")?.removingPercentEncoding,
        let run = board.now.content.runs[name]
      else {
        throw Problem(404, "no such run is served here; /api/v1/runs lists those that are")
      }
      return .json(run)
    }
    get("/api/v1/events") { _, visit in try streams.open(board, visit).response }
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
    let names = allowed.map(\.rawValue)
    var problem = Problem(405, "this path answers only to \(names.joined(separator: " and "))")
    problem.allowed = names
    return problem
  }
}
