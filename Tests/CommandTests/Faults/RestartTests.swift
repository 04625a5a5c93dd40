import Foundation
import Support
import Testing

/// What becomes of a training whose process crashes or is killed: another takes its place and ends in the same bytes.
@Suite("Restarts", .tags(.slow), .serialized)
struct RestartTests {
  /// The process that trains, a child of the one that was started.
  private func training(of parent: RunningProgram, _ scenario: Scenario) -> Int32? {
    MarkedProcess.all(scenario.mark)
      .first {
        $0.arguments.contains("--parent") && $0.arguments.contains("train")
          && $0.identifier != parent.identifier
      }?
      .identifier
  }

  private func killTraining(of parent: RunningProgram, _ scenario: Scenario) throws {
    try wait(for: "a training process", log: parent.errors) { training(of: parent, scenario) != nil }
    kill(try #require(training(of: parent, scenario)), SIGKILL)
  }

  @Test func `a training whose process is killed is started again and ends in the same bytes`() throws {
    let scenario = try Scenario(steps: 12)
    let train = try scenario.start("train", "--workers", "1", "--restarts", "3")
    try wait(for: "a checkpoint", log: train.errors) { scenario.newestStep >= 1 }
    try killTraining(of: train, scenario)
    try train.expectEnd(0)
    let said = "signal 9 (Killed) ended the training's process; started again (1 of 3 in a row)"
    #expect(train.errors.contains(said), "\(train.errors)")
    #expect(scenario.log.contains(said))
    #expect(try scenario.result() == Undisturbed.result(after: 12))
    try scenario.expectNoLeftovers()
  }

  @Test(arguments: [SIGTERM, SIGHUP])
  func `what the parent is told the training does, and nothing is started again`(signal: Int32) throws {
    let scenario = try Scenario(steps: 40)
    let train = try scenario.start("train", "--workers", "1", "--restarts", "3")
    try wait(for: "a checkpoint", log: train.errors) { scenario.newestStep >= 1 }
    train.kill(signal)
    try train.expectEnd(75)
    #expect(!scenario.log.contains("ended the training's process"))
    try scenario.expectNoLeftovers()
  }

  @Test func `with the parent all die, and the run can be resumed`() throws {
    let scenario = try Scenario(steps: 12)
    let first = try scenario.start("train", "--workers", "1", "--restarts", "3")
    try wait(for: "a checkpoint", log: first.errors) { scenario.newestStep >= 1 }
    first.kill(SIGKILL)
    try scenario.expectNoProcesses()
    let second = try scenario.start("train", "--workers", "1", "--restarts", "3")
    try second.expectEnd(0)
    #expect(try scenario.result() == Undisturbed.result(after: 12))
    try scenario.expectNoLeftovers()
  }

  @Test func `crashes in a row end the training with a code and a reason`() throws {
    let scenario = try Scenario(steps: 40)
    let train = try scenario.start("train", "--workers", "1", "--restarts", "1")
    try train.waitForError("listening at ")
    try killTraining(of: train, scenario)
    try train.waitForError("started again (1 of 1 in a row)")
    try killTraining(of: train, scenario)
    try train.expectEnd(70)
    #expect(
      train.errors.contains(
        "signal 9 (Killed) ended the training's process once more after 1 starts in a row"))
    try scenario.expectNoProcesses()
    let step = scenario.newestStep
    let next = try scenario.start("train", "--workers", "1", "--restarts", "0")
    try wait(for: "another checkpoint", log: next.errors) { scenario.newestStep > step }
    next.kill(SIGTERM)
    try next.expectEnd(75)
    try scenario.expectNoLeftovers()
  }
}
