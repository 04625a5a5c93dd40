import Foundation
import Numerics
import Support
import Testing

/// No failure changes what a training comes to: whatever is done here to its processes, its checkpoint has the bytes
/// that the undisturbed run's has after as many steps. Real processes on real sockets.
@Suite("Exactness under faults", .tags(.slow), .serialized)
struct ExactnessUnderFaultsTests {
  static let steps = 12

  private func expectUndisturbed(_ scenario: Scenario, sourceLocation: SourceLocation = #_sourceLocation)
    throws
  {
    let expected = try Undisturbed.result(after: scenario.steps)
    #expect(try scenario.result() == expected, sourceLocation: sourceLocation)
    try scenario.expectNoLeftovers(sourceLocation: sourceLocation)
  }

  // MARK: who takes part

  @Test(arguments: [1, 2, 4])
  func `any number of workers`(count: Int) throws {
    let scenario = try Scenario(steps: Self.steps)
    let train = try scenario.start("train", "--workers", "\(count)")
    try train.expectEnd(0)
    try expectUndisturbed(scenario)
  }

  @Test(
    .enabled(if: VectorUnit.available.count == 2, "needs a processor with AVX-512"))
  func `workers with other vector instructions`() throws {
    let scenario = try Scenario(steps: Self.steps)
    let coordinator = try scenario.start("coordinator", "--listen", "tcp://127.0.0.1:*")
    let address = try scenario.address(of: coordinator)
    let first = try scenario.startWorker(address, environment: [VectorUnit.override: "avx2"])
    try coordinator.waitForError("joined")
    // So that it does not finish alone, however late the other comes.
    let computing = scenario.computing
    for process in computing { kill(process, SIGSTOP) }
    let second = try scenario.startWorker(address, environment: [VectorUnit.override: "avx512"])
    try coordinator.waitForError("joined", count: 2)
    for process in computing { kill(process, SIGCONT) }
    try coordinator.expectEnd(0)
    for worker in [first, second] { try worker.expectEnd(0) }
    try expectUndisturbed(scenario)
  }

  // MARK: workers that are lost

  @Test func `workers killed again and again`() throws {
    let scenario = try Scenario(steps: 24)
    let train = try scenario.start("train", "--workers", "2")
    try train.waitForError("joined")
    try scenario.killWorkers(of: train, times: 8, key: 3)
    try train.expectEnd(0)
    #expect(scenario.log.contains("died of signal 9; starting it again"))
    try expectUndisturbed(scenario)
  }

  @Test func `a worker stopped and continued, and another that stays stopped`() throws {
    let scenario = try Scenario(steps: 24)
    let train = try scenario.start("train", "--workers", "2")
    try train.waitForError("joined", count: 2)
    let workers = scenario.computing
    try #require(workers.count == 2)
    kill(workers[0], SIGSTOP)
    // Its tasks go to the other as slow ones, or once it counts as lost.
    try wait(for: "its tasks to be given to the other", log: train.errors) {
      !train.isRunning
        || ["is slow and given to", "not been heard of"].contains { train.errors.contains($0) }
    }
    let step = scenario.newestStep
    try wait(for: "training to go on", log: train.errors) {
      !train.isRunning || scenario.newestStep > step
    }
    kill(workers[0], SIGCONT)
    kill(workers[1], SIGSTOP)
    try train.expectEnd(0)
    try expectUndisturbed(scenario)
  }

  // MARK: workers that do harm

  @Test func `workers that send garbage, NaN, damage, duplicates and late results`() throws {
    let scenario = try Scenario(steps: 40)
    let coordinator = try scenario.start("coordinator", "--listen", "tcp://127.0.0.1:*")
    let address = try scenario.address(of: coordinator)
    let rogues = try Rogue.Vice.allCases.filter { $0 != .lies }.map {
      try startRogue($0, at: address, of: coordinator)
    }
    let worker = try scenario.startWorker(address)
    try coordinator.expectEnd(0)
    try worker.expectEnd(0)
    for rogue in rogues { rogue.close() }
    let quarantined = scenario.log.matches(of: #/worker rogue-(\w+) quarantined: /#).map { String($0.1) }
    #expect(Set(quarantined) == ["garbage", "notANumber", "wrongLength", "damaged"])
    try expectUndisturbed(scenario)
  }

  @Test func `a worker whose wrong results look right is found out where all is verified`() throws {
    let scenario = try Scenario(steps: Self.steps)
    let coordinator = try scenario.start("coordinator", "--listen", "tcp://127.0.0.1:*", "--verify", "1")
    let address = try scenario.address(of: coordinator)
    let rogue = try startRogue(.lies, at: address, of: coordinator)
    let worker = try scenario.startWorker(address, cores: 2)
    try coordinator.expectEnd(0)
    try worker.expectEnd(0)
    rogue.close()
    #expect(scenario.log.contains("worker rogue-lies quarantined: a wrong result for task "))
    try expectUndisturbed(scenario)
  }

  private func startRogue(
    _ vice: Rogue.Vice, at address: String, of coordinator: RunningProgram
  ) throws -> Rogue {
    let version = try Program.run(["--version"]).output.trimmingCharacters(in: .whitespacesAndNewlines)
    let rogue = try Rogue(vice, coordinator: address, version: version)
    try coordinator.waitForError("worker \(rogue.name) on here joined")
    return rogue
  }

  /// What three processes die of on the same task is the task. The only task of the run takes long enough to be met.
  @Test func `a task that crashes whoever computes it stops the run and is named`() throws {
    let scenario = try Scenario(steps: 1)
    let train = try scenario.start(
      "train", "--workers", "1", "--task-batch-size", "1", "--seed", "5", "--set", "adaptation-steps=10000",
      "--set", "evaluation-interval=2000", "--set", "evaluation-tasks=0")
    try train.waitForError("joined")
    // A process that has not begun its task yet dies for nothing, and there is another one. The run is over after three
    // that have or, should this fail, when its only task is done.
    var pause = 0.7
    while train.isRunning {
      Thread.sleep(forTimeInterval: pause)
      for process in scenario.computing { kill(process, SIGSEGV) }
      // On a busy machine beginning takes longer.
      pause *= 1.1
    }
    try train.expectEnd(70)
    #expect(
      scenario.log.contains(
        "the run stops: task 0 of step 0 (seed 5) crashed 3 processes; look into it with metakernelgan replay-task"
      ))
    try scenario.expectNoLeftovers()
  }

  // MARK: the coordinator

  @Test func `the coordinator killed and restarted twenty times`() throws {
    let scenario = try Scenario(steps: 40)
    let listen = "tcp://127.0.0.1:\(try freePort())"
    let worker = try scenario.startWorker(listen, cores: 2)
    var random = Philox(key: 6)
    for life in 1...20 {
      let coordinator = try scenario.start("coordinator", "--listen", listen)
      let moment = Date(timeIntervalSinceNow: random.uniform(in: 0..<1.5))
      // So that none of them comes to the end.
      try wait(for: "a random moment") { Date() >= moment || scenario.newestStep >= 2 * life - 2 }
      coordinator.kill(SIGKILL)
      try coordinator.expectEnd(.died(of: SIGKILL))
    }
    let last = try scenario.start("coordinator", "--listen", listen)
    try last.expectEnd(0)
    try worker.expectEnd(0)
    try expectUndisturbed(scenario)
  }

  private func freePort() throws -> UInt16 {
    let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isFound = withUnsafeMutableBytes(of: &address) { bytes -> Bool in
      guard let generic = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress else { return false }
      return bind(socket, generic, length) == 0 && getsockname(socket, generic, &length) == 0
    }
    try #require(isFound)
    return UInt16(bigEndian: address.sin_port)
  }

  @Test func `SIGTERM ends with code 75, and the run goes on where it was`() throws {
    let scenario = try Scenario(steps: 24)
    let first = try scenario.start("train", "--workers", "2")
    try wait(for: "a checkpoint", log: first.errors) { scenario.newestStep >= 2 }
    first.kill(SIGTERM)
    try first.expectEnd(75)
    #expect(scenario.log.contains("the run was told to stop"))
    try scenario.expectNoLeftovers()
    let second = try scenario.start("train", "--workers", "2")
    try second.expectEnd(0)
    #expect(scenario.log.contains("resuming after"))
    try expectUndisturbed(scenario)
  }

  @Test func `a second coordinator is refused, and so are other settings and data`() throws {
    let scenario = try Scenario(steps: 4)
    try scenario.drawPictures("others", keys: 6...10)
    let first = try scenario.start("coordinator", "--listen", "tcp://127.0.0.1:*")
    _ = try scenario.address(of: first)
    try expectRefusal(by: scenario, because: "it is in use by process ", code: 75)
    first.kill(SIGTERM)
    try first.expectEnd(75)
    try expectRefusal(of: ["--seed", "9"], by: scenario, because: "was trained with seed 0, not 9")
    try expectRefusal(
      of: ["--data", scenario.folder.file("others").path], by: scenario,
      because: "was trained on other pictures")
    let done = try scenario.start("train", "--workers", "2")
    try done.expectEnd(0)
    try expectUndisturbed(scenario)
    let forced = try scenario.start("train", "--workers", "2", "--steps", "5", "--seed", "9", "--force")
    try forced.expectEnd(0)
    #expect(scenario.newestStep == 5)
  }

  private func expectRefusal(
    of more: [String] = [], by scenario: Scenario, because reason: String, code: Int32 = 78,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let refused = try scenario.program(
      ["coordinator", "--run", scenario.run, "--listen", "tcp://127.0.0.1:*"] + more)
    #expect(try refused.end() == code, sourceLocation: sourceLocation)
    #expect(refused.errors.contains(reason), "\(refused.errors)", sourceLocation: sourceLocation)
  }

  // MARK: the disk

  @Test(.enabled(if: SmallDisk.isPossible, Comment(rawValue: SmallDisk.impossible)))
  func `a disk that fills up and is emptied`() throws {
    let disk = try SmallDisk(size: "16m")
    let scenario = try Scenario(steps: Self.steps, run: disk.path + "/run")
    let coordinator = try scenario.start("coordinator", "--listen", "tcp://127.0.0.1:*")
    let address = try scenario.address(of: coordinator)
    try wait(for: "the first checkpoint", log: coordinator.errors) { scenario.newestStep == 0 }
    try disk.fill("full")
    // Nothing is trained while there is no worker, so the run cannot end before there is room again.
    let first = try scenario.startWorker(address)
    try coordinator.waitForError("No space left on device")
    first.kill(SIGKILL)
    try first.expectEnd(.died(of: SIGKILL))
    #expect(coordinator.errors.contains("training goes on, and it is tried again"))
    try FileManager.default.removeItem(atPath: disk.path + "/full")
    try coordinator.waitForError("checkpoints can be written again")
    let second = try scenario.startWorker(address)
    try coordinator.expectEnd(0)
    try second.expectEnd(0)
    try expectUndisturbed(scenario)
  }
}
