import Foundation
import Support
import Testing

/// What people and schedulers send.
@Suite("Signals", .tags(.slow), .serialized)
struct SignalTests {
  @Test(arguments: [SIGHUP, SIGINT, SIGUSR2])
  func `HUP, INT and USR2 end with code 75, and the run goes on where it was`(signal: Int32) throws {
    let scenario = try Scenario(steps: 40)
    let first = try scenario.start("train", "--workers", "1")
    try wait(for: "a checkpoint", log: first.errors) { scenario.newestStep >= 1 }
    first.kill(signal)
    try first.expectEnd(75)
    #expect(scenario.log.contains("the run was told to stop"))
    try scenario.expectNoLeftovers()
    #expect(try scenario.hash(scenario.newestStep) != "")
  }

  @Test func `USR1 writes a checkpoint, and training goes on`() throws {
    let scenario = try Scenario(steps: 40)
    let train = try scenario.start(
      "train", "--workers", "1", "--set", "checkpoint-every=1000", "--set", "evaluation-tasks=0")
    // Otherwise there is none between the first and the last.
    try train.waitForError("joined")
    for process in scenario.computing { kill(process, SIGUSR1) }
    try wait(for: "a checkpoint", log: train.errors) {
      train.kill(SIGUSR1)
      usleep(50_000)
      return scenario.newestStep > 0
    }
    #expect(scenario.newestStep < 40)
    try train.expectEnd(0)
    #expect(scenario.log.contains("told to write a checkpoint; training goes on"))
    #expect(try scenario.result() == Undisturbed.result(after: 40))
    try scenario.expectNoLeftovers()
  }

  @Test func `a training that ignores HUP from its start goes on`() throws {
    let scenario = try Scenario(steps: 8)
    let train = try scenario.start("train", "--workers", "1", under: ["/usr/bin/nohup"])
    try train.waitForError("joined")
    train.kill(SIGHUP)
    try train.expectEnd(0)
    #expect(try scenario.result() == Undisturbed.result(after: 8))
  }

  static let hasNamespaces =
    (try? Program.run([], under: ["/usr/bin/unshare", "--pid", "--fork"], at: "/bin/true").code) == 0

  /// A worker that is told to end says goodbye, so that its tasks need no timeout to be handed on.
  @Test(arguments: [[], ["/usr/bin/unshare", "--pid", "--fork"]])
  func `a worker says goodbye on TERM, also as process 1`(emulator: [String]) throws {
    guard emulator.isEmpty || Self.hasNamespaces else { return }
    let scenario = try Scenario(steps: 40)
    let coordinator = try scenario.start("coordinator", "--listen", "tcp://127.0.0.1:*")
    let address = try scenario.address(of: coordinator)
    let leaving = try scenario.program(["worker", "--coordinator", address, "--cores", "1"], under: emulator)
    try coordinator.waitForError("joined")
    try wait(for: "a step", log: coordinator.errors) { scenario.newestStep >= 1 }
    let worker = try #require(
      MarkedProcess.all(scenario.mark).first { $0.arguments.dropFirst().first == "worker" })
    kill(worker.identifier, SIGTERM)
    try leaving.expectEnd(75)
    try coordinator.waitForError("lost: it said goodbye")
    #expect(leaving.errors.wholeMatch(of: /computed [0-9]+ tasks? in [0-9]+ s\n/) != nil, "\(leaving.errors)")
    let staying = try scenario.startWorker(address)
    try coordinator.expectEnd(0)
    try staying.expectEnd(0)
    #expect(staying.errors.contains("computed "))
    #expect(try scenario.result() == Undisturbed.result(after: 40))
    try scenario.expectNoLeftovers()
  }
}
