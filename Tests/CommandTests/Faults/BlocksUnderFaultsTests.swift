import Checkpoints
import Foundation
import Support
import Testing

/// Exactness under faults where the unit of work is a block of tasks.
@Suite("Blocks under faults", .tags(.slow), .serialized)
struct BlocksUnderFaultsTests {
  static let steps = 12

  /// The undisturbed run with blocks of two, made once: the sum's tree is another one, so are its last bits.
  private static let undisturbed = Result<String, any Error> {
    let scenario = try Scenario(steps: steps, block: 2)
    let train = try scenario.start("train", "--workers", "1")
    try train.expectEnd(0)
    return try scenario.result()
  }

  private func expectUndisturbed(_ scenario: Scenario) throws {
    #expect(try scenario.result() == Self.undisturbed.get())
    try scenario.expectNoLeftovers()
  }

  @Test(arguments: [2, 4])
  func `any number of workers`(count: Int) throws {
    let scenario = try Scenario(steps: Self.steps, block: 2)
    let train = try scenario.start("train", "--workers", "\(count)")
    try train.expectEnd(0)
    #expect(scenario.log.contains("gradient noise scale"))
    try expectUndisturbed(scenario)
  }

  /// A block of all tasks of the step adds them in the order in which blocks of one are added.
  @Test func `one block a step has the bytes of single tasks`() throws {
    let scenario = try Scenario(steps: Self.steps, block: 4)
    let train = try scenario.start("train", "--workers", "2")
    try train.expectEnd(0)
    let tensors = try scenario.parameters()
    let single = try Scenario(steps: Self.steps)
    let other = try single.start("train", "--workers", "2")
    try other.expectEnd(0)
    #expect(try single.parameters() == tensors)
  }

  @Test func `workers killed again and again`() throws {
    let scenario = try Scenario(steps: Self.steps, block: 2)
    let train = try scenario.start("train", "--workers", "2")
    try train.waitForError("joined")
    try scenario.killWorkers(of: train, times: 4, key: 4)
    try train.expectEnd(0)
    #expect(scenario.log.contains("died of signal 9; starting it again"))
    try expectUndisturbed(scenario)
  }

  @Test func `a worker that sends NaN, and all verified`() throws {
    let scenario = try Scenario(steps: Self.steps, block: 2)
    let coordinator = try scenario.start("coordinator", "--listen", "tcp://127.0.0.1:*", "--verify", "1")
    let address = try scenario.address(of: coordinator)
    let version = try Program.run(["--version"]).output.trimmingCharacters(in: .whitespacesAndNewlines)
    let rogues = try [Rogue.Vice.notANumber, .lies].map {
      try Rogue($0, coordinator: address, version: version)
    }
    try coordinator.waitForError("joined", count: 2)
    let worker = try scenario.startWorker(address, cores: 2)
    try coordinator.expectEnd(0)
    try worker.expectEnd(0)
    for rogue in rogues { rogue.close() }
    #expect(scenario.log.contains("worker rogue-lies quarantined: a wrong result for block "))
    try expectUndisturbed(scenario)
  }

  @Test func `SIGTERM, and the run goes on with the same bytes; with another block it is refused`() throws {
    let scenario = try Scenario(steps: Self.steps, block: 2)
    let first = try scenario.start("train", "--workers", "2")
    try wait(for: "a checkpoint", log: first.errors) { scenario.newestStep >= 2 }
    first.kill(SIGTERM)
    try first.expectEnd(75)
    let refused = try scenario.start("train", "--workers", "2", "--set", "block=4")
    try refused.expectEnd(78)
    #expect(refused.errors.contains("was trained with block 2, not 4"))
    let second = try scenario.start("train", "--workers", "2", "--set", "block=2")
    try second.expectEnd(0)
    try expectUndisturbed(scenario)
  }

  /// The norms of the gradients of the first step's tasks, as `replay-task` prints them.
  private func norms() throws -> [Double] {
    let scenario = try Scenario(steps: 1, block: 2)
    try scenario.start("train", "--workers", "1").expectEnd(0)
    return try (0..<4).map { index in
      let replay = try Program.run([
        "replay-task", "--run", scenario.run, "--step", "0", "--index", "\(index)",
      ])
      let found = try #require(replay.output.firstMatch(of: #/gradient norm ([0-9.e+-]+)/#))
      return try #require(Double(found.1))
    }
  }

  @Test func `tasks that diverge are left out, whatever the block`() throws {
    let norms = try norms()
    let sorted = norms.sorted()
    let bound = (sorted[2] + sorted[3]) / 2
    for block in [1, 2, 4] {
      let scenario = try Scenario(steps: 1, block: block)
      let train = try scenario.start(
        "train", "--workers", "2", "--set", "gradient-bound=\(bound)", "--set", "diverged-limit=1")
      try train.expectEnd(0)
      let lines = scenario.log.matches(of: #/task (\d) of step 0 diverged by itself and is left out/#)
      #expect(lines.map { Int($0.1) } == [norms.firstIndex(of: sorted[3])], "block \(block)")
      try scenario.expectNoLeftovers()
    }
  }

  @Test func `a remote worker's death is in the coordinator's log, as JSON`() throws {
    let scenario = try Scenario(steps: 400, block: 2)
    let coordinator = try scenario.start("coordinator", "--listen", "tcp://127.0.0.1:*", "--json-log")
    let worker = try scenario.startWorker(
      String(try scenario.address(of: coordinator).prefix { $0 != "\"" }))
    try coordinator.waitForError("joined")
    for process in scenario.computing { kill(process, SIGSEGV) }
    try coordinator.waitForError("warns: worker 1 died of signal 11; starting it again")
    coordinator.kill(SIGTERM)
    try coordinator.expectEnd(75)
    worker.kill(SIGTERM)
    _ = try worker.end()
    struct Line: Decodable { let time: String, level: String, message: String }
    let lines = try coordinator.errors.split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
    #expect(lines.contains { $0.level == "warning" && $0.message.contains("warns: worker 1 died") })
    #expect(lines.contains { $0.level == "info" && $0.message.contains("joined") })
  }
}
