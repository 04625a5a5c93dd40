import Messages
import Testing

struct RoundTripTests {
  @Test(arguments: Samples.fromWorker)
  func `what a worker says arrives`(message: WorkerMessage) throws {
    #expect(try decodeWorker(message.encoded()) == message)
  }

  @Test(arguments: Samples.fromCoordinator)
  func `what the coordinator says arrives`(message: CoordinatorMessage) throws {
    #expect(try decodeCoordinator(message.encoded()) == message)
  }

  @Test func `gradients that are not finite arrive bit for bit`() throws {
    guard case .result(let arrived) = try decodeWorker(WorkerMessage.result(Samples.result).encoded()) else {
      Issue.record("not a result")
      return
    }
    #expect(arrived.gradient.map(\.bitPattern) == Samples.result.gradient.map(\.bitPattern))
    #expect(arrived.isIntact)
  }

  @Test func `a full size result arrives`() throws {
    // The paper's networks have 118,722 parameters (464 KB).
    let gradient = (0..<118_722).map { Float($0) }
    let result = TaskResult(origin: Samples.origin, task: Samples.training, gradient: gradient, losses: [1])
    let bytes = WorkerMessage.result(result).encoded()
    #expect(bytes.count < 4 * gradient.count + 300)
    #expect(try decodeWorker(bytes) == .result(result))
  }

  @Test func `explanations are cut and cleaned`() throws {
    let long = CoordinatorMessage.rejection(
      Rejection(.quarantined, "a\nb\u{7}" + String(repeating: "c", count: 600)))
    let cut = CoordinatorMessage.rejection(Rejection(.quarantined, "ab" + String(repeating: "c", count: 498)))
    #expect(try decodeCoordinator(long.encoded()) == cut)
  }
}

extension RoundTripTests {
  /// C1 controls, changes of direction, lines that only some terminals break: a peer's text stays one line in its place.
  @Test func `explanations cannot write over a terminal`() throws {
    let evil = "a\u{1B}[2Jb\u{9B}31mc\u{202E}d\u{2066}e\u{2028}f\u{2029}g\u{7F}h\u{85}i\u{200B}j"
    let sent = CoordinatorMessage.rejection(Rejection(.quarantined, evil))
    let clean = CoordinatorMessage.rejection(Rejection(.quarantined, "a[2Jb31mcdefghij"))
    #expect(try decodeCoordinator(sent.encoded()) == clean)
  }
}

extension RoundTripTests {
  /// A worker's words go into the coordinator's log, which others read on terminals and by programs.
  @Test func `reports are cut and cleaned`() throws {
    let evil = "a\u{1B}[2J\nb\u{202E}c" + String(repeating: "d", count: 9999)
    let clean = "a[2Jbc" + String(repeating: "d", count: 494)
    let sent = WorkerMessage.report(WorkerReport(.error, evil))
    #expect(try decodeWorker(sent.encoded()) == .report(WorkerReport(.error, clean)))
  }

  @Test func `a unit names its tasks`() {
    #expect(Samples.training.tasks == 3..<4 && Samples.block.tasks == 6..<8)
    #expect(Samples.training.description == "task 3 of step 12")
    #expect(Samples.block.description == "block 3 of step 12 (tasks 6 to 7)")
  }
}

struct ChecksumTests {
  /// XXH3-64 is frozen since 0.8: workers on other systems must agree. Value by Python's xxhash:
  /// xxh3_64(losses, seed=xxh3_64(gradient)).
  @Test func `is the algorithm it says`() {
    #expect(TaskResult.checksum(gradient: [1, 2, 3], losses: [4, 5]) == 0x4D61_530C_884E_3EC7)
  }

  @Test func `differs by gradient losses and their boundary`() {
    let sums = [
      TaskResult.checksum(gradient: [1, 2], losses: [3]), TaskResult.checksum(gradient: [1], losses: [2, 3]),
      TaskResult.checksum(gradient: [1, 2], losses: [4]), TaskResult.checksum(gradient: [1, 5], losses: [3]),
      TaskResult.checksum(gradient: [], losses: [1, 2, 3]),
      TaskResult.checksum(gradient: [1, 2, 3], losses: []),
    ]
    #expect(Set(sums).count == sums.count)
  }

  @Test func `ignores timings`() {
    var slow = Samples.finite
    slow.timings.computeNanoseconds += 1
    #expect(slow.checksum == Samples.finite.checksum)
    #expect(slow.isIntact)
  }

  @Test func `tells a damaged result`() {
    var damaged = Samples.finite
    damaged.gradient[1] = damaged.gradient[1].nextUp
    #expect(!damaged.isIntact)
  }
}
