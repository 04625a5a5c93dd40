import Checkpoints
import Foundation
import Platform
import RunDirectory
import Testing

/// What a run notes beside its checkpoints about how good they are.
@Suite struct ComparisonTests {
  private let run: TemporaryRun
  private let none = [String: String]()

  init() throws { run = try TemporaryRun() }

  private func path(_ step: Int) -> String {
    run.folder.checkpoints + String(format: "/step-%09d.evaluation.json", step)
  }

  @Test func `is kept beside the checkpoint, and names its file`() throws {
    var store = try run.store()
    let file = try store.write(content(4), step: 4, sidecar: none)
    try store.recordEvaluation(step: 4, before: 36, after: 46.5, tasks: 64)
    let found = try #require(try run.folder.evaluation(ofStep: 4))
    #expect(
      try found
        == CheckpointEvaluation(sha256: SHA256.hex(ofFile: file), psnrBefore: 36, psnrAfter: 46.5, tasks: 64))
    try store.recordEvaluation(step: 5, before: 36, after: 99, tasks: 64)
    #expect(try run.folder.evaluation(ofStep: 5) == nil, "there is no such checkpoint")
    try put("half a", at: path(4))
    #expect(
      errorText { try run.folder.evaluation(ofStep: 4) }
        == "cannot read \"\(path(4))\": it holds no evaluation; check the path, its permissions and the disk")
  }

  @Test func `survives what is not finite`() throws {
    var store = try run.store()
    for (step, value) in [(1, Double.nan), (2, .infinity), (3, 40)] {
      try store.write(content(step), step: step, sidecar: none)
      try store.recordEvaluation(step: step, before: value, after: value, tasks: 1)
    }
    #expect(try run.folder.evaluation(ofStep: 2)?.psnrAfter == .infinity)
    #expect(try run.folder.evaluation(ofStep: 1)?.psnrAfter.isNaN == true)
  }

  /// Interrupted right after its evaluation, a run writes the same checkpoint again.
  @Test func `stays when the same bytes are written again, goes with others`() throws {
    var store = try run.store()
    try store.write(content(4), step: 4, sidecar: none)
    try store.recordEvaluation(step: 4, before: 36, after: 46, tasks: 64)
    try store.write(content(4), step: 4, sidecar: none)
    #expect(try run.folder.evaluation(ofStep: 4) != nil)
    try store.write(content(5), step: 4, sidecar: none)
    #expect(try run.folder.evaluation(ofStep: 4) == nil)
  }

  @Test func `the best checkpoint outlives its turn, also over a restart`() throws {
    do {
      var store = try run.store(Retention(last: 2))
      for (step, psnr) in [(10, 40.0), (20, 46), (30, 41), (40, 45)] {
        try store.write(content(step), step: step, sidecar: none)
        try store.recordEvaluation(step: step, before: 30, after: psnr, tasks: 4)
      }
      #expect(try store.list().map(\.step) == [20, 30, 40])
    }
    var store = try run.store(Retention(last: 2))
    for step in [50, 60] { try store.write(content(step), step: step, sidecar: none) }
    #expect(try store.list().map(\.step) == [20, 50, 60])
    try store.recordEvaluation(step: 60, before: 30, after: 47, tasks: 4)
    for step in [70, 80] { try store.write(content(step), step: step, sidecar: none) }
    #expect(try store.list().map(\.step) == [60, 70, 80])
    #expect(
      try names(run.folder.checkpoints).filter { $0.contains("evaluation") } == [
        "step-000000060.evaluation.json"
      ])
  }
}
