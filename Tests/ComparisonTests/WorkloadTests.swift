import Comparison
import Estimation
import Testing

@Suite("How long an evaluation will take")
struct WorkloadTests {
  private static func task(_ method: String, pixels: Int) -> EvaluationTask {
    .estimate(
      EstimationTask(
        measuring: method, options: MethodOptions(), steps: [1], picture: "", pixels: pixels, scale: 2,
        ownPicture: ""))
  }

  private let slow = [task("slow", pixels: 100), task("slow", pixels: 300)]
  private let fast = task("fast", pixels: 100)

  private func expect(
    _ work: Workload, at now: Double, seconds: Double, isWhole: Bool,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let left = try #require(work.remaining(at: now), sourceLocation: sourceLocation)
    #expect(left.seconds == seconds && left.isWhole == isWhole, "\(left)", sourceLocation: sourceLocation)
  }

  /// 100 pixels took 50 s and 300 are left; of the fast method nothing is known until half of it is done after 1 s.
  @Test func `each method by its own time`() throws {
    var work = Workload(slow + [fast], jobs: 2)
    #expect(work.remaining(at: 0) == nil && work.summary(at: 0) == "0 of 3 parts")
    work.begin(slow[0], at: 0)
    work.end(slow[0], at: 50)
    try expect(work, at: 50, seconds: 75, isWhole: false)
    work.begin(fast, at: 50)
    work.advance(fast, to: 0.5)
    try expect(work, at: 51, seconds: 75.5, isWhole: true)
    #expect(work.summary(at: 51) == "1 of 3 parts; 76 s left; fast 50 %")
    work.end(fast, at: 52)
    work.begin(slow[1], at: 52)
    work.end(slow[1], at: 200)
    try expect(work, at: 200, seconds: 0, isWhole: true)
  }

  /// One long estimate is not shared out among cores: 300 pixels at half a second each, then half of them.
  @Test func `the last part takes its own time on any number of cores`() throws {
    for jobs in [1, 2, 16] {
      var work = Workload(slow, jobs: jobs)
      work.begin(slow[0], at: 0)
      work.end(slow[0], at: 50)
      try expect(work, at: 50, seconds: 150, isWhole: true)
      work.begin(slow[1], at: 50)
      work.advance(slow[1], to: 0.5)
      try expect(work, at: 125, seconds: 75, isWhole: true)
    }
  }

  @Test(arguments: [(0.2, "1 s"), (99, "99 s"), (100, "2 min"), (5940, "99 min"), (6001, "1 h 41 min")])
  func spans(seconds: Double, text: String) { #expect(Workload.span(seconds) == text) }
}
