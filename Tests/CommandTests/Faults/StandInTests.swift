import Foundation
import Support
import Testing

@Suite("Stand-ins", .tags(.slow))
struct StandInTests {
  /// As on a machine that starves them: the coordinator gives them up, and asks what is heard of them again to register.
  @Test func `stand-ins that were given up take part again`() throws {
    let scenario = try Scenario(steps: 1_000_000)
    // Held-out tasks have other answers.
    let coordinator = try scenario.start(
      "coordinator", "--listen", "tcp://127.0.0.1:*", "--set", "evaluation-tasks=0")
    let standIns = try scenario.program([
      "stand-in", "--coordinator", try scenario.address(of: coordinator), "--count", "2",
    ])
    try coordinator.waitForError("joined", count: 2)
    standIns.kill(SIGSTOP)
    try coordinator.waitForError("not been heard of", count: 2)
    standIns.kill(SIGCONT)
    try coordinator.waitForError("joined", count: 4)
    let step = scenario.newestStep
    try wait(for: "the run to go on", log: coordinator.errors + standIns.errors) {
      !coordinator.isRunning || scenario.newestStep > step
    }
    #expect(coordinator.isRunning && standIns.isRunning, "\(standIns.errors)")
    coordinator.kill(SIGTERM)
    _ = try coordinator.end()
    _ = try standIns.end()
    try scenario.expectNoLeftovers()
  }
}
