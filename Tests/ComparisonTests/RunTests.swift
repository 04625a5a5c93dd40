import Comparison
import Foundation
import Imaging
import Synchronization
import Testing

@Suite("Evaluations, from pictures to tables")
struct RunTests {
  let fixtures: Fixtures

  init() throws { fixtures = try Fixtures() }

  static let measure: @Sendable (EvaluationTask, (Outcome) -> Void) throws -> Void = { $0.run(report: $1) }

  /// A figure of a row, without what differs from run to run.
  private func figures(_ report: Report) throws -> [[String]] {
    report.csv.split(separator: "\n").map {
      Array($0.split(separator: ",", omittingEmptySubsequences: false)[..<12])
    }
    .map { $0.map(String.init) }
  }

  @Test func `measures everything`() throws {
    let (evaluation, ledger) = (try fixtures.evaluation(), try fixtures.ledger())
    // Two pictures, two runs, two numbers of steps; enlarged, too, and so are bicubic and the true kernel.
    #expect(evaluation.outstanding(in: ledger) == 8 + 8 + 4)
    #expect(try evaluation.run(ledger, jobs: 2, measure: Self.measure) == [])
    #expect(evaluation.outstanding(in: ledger) == 0)
    let scores = evaluation.scores(in: ledger)
    #expect(scores.count == 8 + 4)
    let truth = scores.filter { $0.method == "true kernel, noise 0" }.compactMap(\.imagePSNR)
    let bicubic = scores.filter { $0.method == "bicubic" }.compactMap(\.imagePSNR)
    #expect(zip(truth, bicubic).allSatisfy { $0 > $1 + 1 })
    // Degraded with the true kernel, the original is the low-resolution picture to the bit.
    #expect(
      scores.filter { $0.method == "true kernel, noise 0" }.allSatisfy { $0.reblurredPSNR == .infinity })
    #expect(scores.filter { $0.method == "bicubic" }.allSatisfy { $0.reblurredPSNR == nil })
    for score in scores where score.steps != nil {
      #expect(score.kernelPSNR != nil && score.imageSSIM != nil && (score.megabytes ?? 0) > 1)
      #expect(try #require(score.reblurredPSNR).isFinite && score.noise == "0")
    }
    // The start is one kernel, whatever the seed; the other kernels are not.
    let start = scores.filter { $0.picture == "a" && $0.steps == 0 }
    #expect(start.count == 2 && start[0].kernelPSNR == start[1].kernelPSNR)
    let adapted = scores.filter { $0.picture == "a" && $0.steps == 2 }
    #expect(adapted[0].kernelPSNR != adapted[1].kernelPSNR)
    let report = evaluation.report(from: ledger, faults: [])
    #expect(report.markdown.contains("Enlarged by closed form, noise level 0/255 (as in the paper)."))
    // A strip of low resolution, bicubic, drawn, true kernel and original; three of them with a kernel or without.
    let page = report.page(evaluation.gallery(from: ledger))
    #expect(page.components(separatedBy: "class=\"crop\"").count - 1 == 2 * 5)
    #expect(page.components(separatedBy: "class=\"kernel\"").count - 1 == 2 * 2)
  }

  /// The same figures for any number of jobs, and however often it was interrupted.
  @Test func `interrupted ones go on`() throws {
    let evaluation = try fixtures.evaluation()
    let (whole, parts) = (try fixtures.ledger("whole.jsonl"), try fixtures.ledger("parts.jsonl"))
    _ = try evaluation.run(whole, jobs: 3, measure: Self.measure)
    for _ in 0..<20 {
      _ = try evaluation.run(parts, jobs: 1) { task, report in
        var left = 1
        task.run {
          if left > 0 { report($0) }
          left -= 1
        }
      }
    }
    let lines = try String(contentsOfFile: parts.path, encoding: .utf8).split(separator: "\n").count
    #expect(lines == 8 + 6 + 4, "each measured once; equal kernels, at step 0, are enlarged once")
    func report(_ ledger: Ledger) throws -> [[String]] {
      try figures(evaluation.report(from: ledger, faults: []))
    }
    #expect(try report(whole) == report(parts))
  }

  /// A second call measures what is new and nothing else.
  @Test func `only what is missing`() throws {
    let ledger = try fixtures.ledger()
    let few = try fixtures.evaluation(runs: 1, steps: [.number(2)])
    _ = try few.run(ledger, jobs: 1, measure: Self.measure)
    let more = try fixtures.evaluation(runs: 2, steps: [.number(0), .number(2)])
    #expect(more.outstanding(in: ledger) == 2 * (8 - 2))
    // A crop that somebody removed is made again.
    let crops = try FileManager.default.contentsOfDirectory(atPath: few.crops)
    try FileManager.default.removeItem(atPath: few.crops + "/" + crops[0])
    #expect(few.outstanding(in: ledger) == 1)
    _ = try few.run(ledger, jobs: 1, measure: Self.measure)
    #expect(try FileManager.default.contentsOfDirectory(atPath: few.crops).count == crops.count)
  }

  /// A picture that fails, or takes its process with it, costs its own measurements only.
  @Test func `failures are named and left out`() throws {
    let (evaluation, ledger) = (try fixtures.evaluation(runs: 1, steps: [.number(1)]), try fixtures.ledger())
    let faults = try evaluation.run(ledger, jobs: 2) { task, report in
      if task.name.contains("/b, drawn") {
        throw EvaluationError.died(name: task.name, how: "was killed by signal 9")
      }
      if task.name == "x2_drawn/a, bicubic" {
        return report(.failure("x2_drawn/a, bicubic: out of memory"))
      }
      task.run(report: report)
    }
    #expect(
      faults == [
        "cannot measure x2_drawn/b, drawn: the process that did was killed by signal 9; run it again with fewer --jobs",
        "x2_drawn/a, bicubic: out of memory",
      ])
    let text = evaluation.report(from: ledger, faults: faults).markdown
    #expect(text.contains("| drawn (1 of 2 measured)   |"))
    #expect(text.contains("| bicubic (1 of 2 measured) |"))
    #expect(text.contains("- x2_drawn/a, bicubic: out of memory"))
  }

  /// A file that is damaged between the looking and the measuring.
  @Test func `file gone meanwhile`() throws {
    let (evaluation, ledger) = (try fixtures.evaluation(runs: 1, steps: [.number(1)]), try fixtures.ledger())
    try Data().write(to: fixtures.folder.file("x2_drawn/LR/b.png"))
    let faults = try evaluation.run(ledger, jobs: 1, measure: Self.measure)
    #expect(faults.count == 3, "its estimate, its bicubic and its true kernel's enlargement")
    #expect(faults.allSatisfy { $0.hasPrefix("x2_drawn/b, ") && $0.contains("the file is empty") })
    #expect(evaluation.scores(in: ledger).allSatisfy { $0.picture == "a" })
  }
}
