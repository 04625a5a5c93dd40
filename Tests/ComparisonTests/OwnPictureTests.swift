import BlurKernels
import Comparison
import Foundation
import Testing

/// Methods that make the picture together with the kernel; here a stand-in that has the original.
@Suite("Pictures that methods make themselves")
struct OwnPictureTests {
  let fixtures: Fixtures

  init() throws { fixtures = try Fixtures() }

  /// Estimates by copying the original.
  private var measure: @Sendable (EvaluationTask, (Outcome) -> Void) throws -> Void {
    let (originals, kernel) = (fixtures.folder.file("HR").path, fixtures.kernel)
    return { task, report in
      guard case .estimate(let estimate) = task else { return task.run(report: report) }
      for wanted in estimate.wanted {
        let name = URL(filePath: estimate.picture).lastPathComponent
        try? FileManager.default.removeItem(atPath: wanted.ownPicture)
        try FileManager.default.copyItem(atPath: originals + "/" + name, toPath: wanted.ownPicture)
        report(
          .kernel(
            KernelRecord(
              key: wanted.key, of: task.name, kernel: kernel, kernelNoise: 1, seconds: 1, megabytes: 1,
              hasOwnPicture: true)))
      }
    }
  }

  @Test func `are rows of their own`() throws {
    let (evaluation, ledger) = (try fixtures.evaluation(runs: 2, steps: [.number(2)]), try fixtures.ledger())
    #expect(try evaluation.run(ledger, jobs: 2, measure: measure) == [])
    let own = evaluation.scores(in: ledger).filter { $0.method == "drawn, own picture" }
    #expect(own.count == 4 && own.allSatisfy { $0.imagePSNR == .infinity && $0.kernelPSNR == nil })
    #expect(Set(own.map(\.seed)) == [0, 1] && own.allSatisfy { $0.steps == 2 && $0.seconds == 1 })
    #expect(evaluation.scores(in: ledger).count { $0.method == "drawn" } == 4)
    #expect(evaluation.outstanding(in: ledger) == 0)
  }

  /// A picture that is gone is made again only where it was not compared yet.
  @Test func `a long estimate is not repeated`() throws {
    let (evaluation, ledger) = (try fixtures.evaluation(runs: 1, steps: [.number(2)]), try fixtures.ledger())
    let measure = measure
    _ = try evaluation.run(ledger, jobs: 1) { task, report in
      if case .estimate = task { try measure(task, report) }
    }
    #expect(evaluation.missingKernels(in: ledger).isEmpty)
    func removePictures() throws {
      for name in try FileManager.default.contentsOfDirectory(atPath: evaluation.crops)
      where name.hasPrefix("own-") {
        try FileManager.default.removeItem(atPath: evaluation.crops + "/" + name)
      }
    }
    try removePictures()
    #expect(evaluation.missingKernels(in: ledger).count == 2)
    _ = try evaluation.run(ledger, jobs: 1, measure: measure)
    try removePictures()
    #expect(evaluation.missingKernels(in: ledger).isEmpty && evaluation.outstanding(in: ledger) == 0)
  }
}
