import Coordination
import Messages
import Testing

/// Units of several tasks: what goes wrong with one of them concerns the whole unit, or just that task.
struct BlockHazardTests {
  private static let step = RoundID(.training, step: 0)

  private func stage(batch: Int = 8, block: Int = 4) -> Stage {
    var stage = Stage(batch: batch, block: block)
    stage.join("a")
    return stage
  }

  @Test func `a round has as many units as blocks and evaluations go one by one`() {
    var stage = Stage(batch: 8, evaluationInterval: 8, block: 4)
    let given = stage.join("a").tasks(for: "a")
    #expect(given == [Stage.task(0, block: 4), Stage.task(1, block: 4)])
    let first = stage.result("a", 1, block: 4)
    let actions = stage.result("a", 0, block: 4)
    #expect(actions.folded == [0, 1])
    #expect(actions.contains(.finish(RoundSummary(round: Self.step, valid: 8, diverged: []))))
    // Some are sent ahead.
    let evaluation = [first, actions, stage.begin(1)].flatMap { $0.tasks(for: "a") }
    #expect(
      evaluation == [
        Stage.task(0, step: 1, kind: .evaluation), Stage.task(1, step: 1, kind: .evaluation),
      ])
  }

  @Test func `a result of another block size is broken`() {
    for block in [1, 2, 8] {
      var stage = stage()
      let actions = stage.result("a", 0, block: block)
      #expect(actions.notes.contains("strike 1 for worker a: a result for a task that does not exist"))
    }
  }

  @Test func `a task that diverges in a block is named and the others count`() {
    var stage = stage()
    let claim = stage.result("a", 0, hash: 7, quality: .partial("it leaves out task 2 as diverged"), block: 4)
    #expect(claim.replays == [0] && claim.folded == [])
    let actions = stage.replayed(0, hash: 7, block: 4, leftOut: [2])
    #expect(actions.folded == [0], "the replay's result counts")
    #expect(actions.notes == ["task 2 of step 0 diverged by itself and is left out"], "no blame")
    let end = stage.result("a", 1, block: 4)
    #expect(end.contains(.finish(RoundSummary(round: Self.step, valid: 7, diverged: [2]))))
    #expect(stage.coordinator.counters.diverged == 1)
  }

  @Test func `a block whose tasks all diverge is left out`() {
    var stage = stage()
    stage.result("a", 0, quality: .unsound("none of its gradients is sound"), block: 4)
    let actions = stage.tell(.replayed(Stage.task(0, block: 4), .diverged))
    #expect(actions.leftOut == [0])
    let end = stage.result("a", 1, block: 4)
    #expect(end.contains(.finish(RoundSummary(round: Self.step, valid: 4, diverged: [0, 1, 2, 3]))))
    #expect(stage.coordinator.counters.diverged == 4)
  }

  @Test func `tasks left out without reason are a strike`() {
    var stage = stage()
    stage.result("a", 0, hash: 7, quality: .partial("it leaves out task 2 as diverged"), block: 4)
    let actions = stage.replayed(0, hash: 1, block: 4)
    #expect(
      actions.notes == [
        "strike 1 for worker a: other tasks left out of block 0 of step 0 (tasks 0 to 3) than diverge"
      ])
    #expect(actions.folded == [0])
  }

  /// What a replay decided of a block's tasks is decided again where the step begins again, and recorded once.
  @Test func `a step done again records a diverged task once`() {
    var stage = Stage(batch: 12, block: 4)
    stage.join("a")
    stage.tell(.goodbye(stage.peer("a")))
    stage.join("b", cores: 4)
    stage.join("a")
    #expect(stage.result("b", 0, hash: 66, block: 4).folded == [0])
    stage.result("b", 1, hash: 7, quality: .partial("it leaves out task 6 as diverged"), block: 4)
    #expect(stage.replayed(1, hash: 7, block: 4, leftOut: [6]).folded == [1])
    stage.result("a", 0, hash: 1, block: 4)
    #expect(stage.replayed(0, hash: 1, block: 4).contains(.restart(Self.step)))
    stage.result("a", 0, hash: 1, block: 4)
    stage.result("a", 1, hash: 7, quality: .partial("it leaves out task 6 as diverged"), block: 4)
    stage.replayed(1, hash: 7, block: 4, leftOut: [6])
    let end = stage.result("a", 2, block: 4)
    #expect(end.contains(.finish(RoundSummary(round: Self.step, valid: 11, diverged: [6]))))
    #expect(stage.coordinator.counters.diverged == 1)
  }

  @Test func `a crash is the whole block's`() {
    var stage = Stage(batch: 8, secret: "own", block: 4)
    for number in 1...3 {
      stage.join("a", secret: "own")
      // Whoever supervises the process knows the index alone.
      let crash = Crash(number: number, signal: 11, run: "run", task: Stage.task(0))
      let notes = stage.tell(.died(worker: "a", crash)).notes
      #expect(
        notes.contains {
          $0.contains("on block 0 of step 0 (tasks 0 to 3), the task's crash number \(number)")
        })
    }
  }

  @Test func `steps are counted over the block`() {
    var stage = Stage(batch: 8, taskSteps: 100, block: 4)
    stage.join("a")
    let task = Stage.task(0, block: 4)
    #expect(stage.heartbeat("a", Work(task: task, stepsDone: 100)).notes == [])
    #expect(!stage.heartbeat("a", Work(task: task, stepsDone: 101)).notes.isEmpty)
  }
}

/// What workers have to say reaches the log, and no worker can fill it.
struct ReportHazardTests {
  @Test func `a worker's words carry its name`() {
    var stage = Stage()
    stage.join("a")
    #expect(stage.warn("it is hot", by: "a") == ["worker a warns: it is hot"])
    let error = stage.tell(.reported(stage.peer("a"), WorkerReport(.error, "it burns"))).notes
    #expect(error == ["worker a has an error: it burns"])
  }

  @Test func `a talkative worker is cut and the others are heard`() {
    var stage = Stage(batch: 64) { $0.standstill = .seconds(1000) }
    stage.join("a")
    stage.join("b")
    var lines = 0
    for _ in 0..<1000 { lines += stage.warn(by: "a").count }
    #expect(lines == 5)
    #expect(stage.warn(by: "b").count == 1)
    for _ in 0..<61 {
      stage.heartbeat("a")
      stage.heartbeat("b")
      stage.wait(.seconds(1))
    }
    let later = stage.warn(by: "a")
    #expect(later == ["995 more warnings and errors of workers are left out", "worker a warns: oh"])
  }

  @Test func `many workers together are cut too`() {
    var stage = Stage(batch: 2000)
    var lines = 0
    for number in 0..<500 {
      stage.join("w\(number)")
      lines += stage.warn(by: "w\(number)").count
    }
    #expect(lines == 60)
  }

  @Test func `strangers are not heard at all`() {
    var stage = Stage()
    let actions = stage.tell(.reported(stage.peer("nobody"), WorkerReport(.error, "x")))
    #expect(actions.notes == [] && actions.orders(for: "nobody") == [.registerAgain])
  }
}

extension Stage {
  /// A worker's warning; returns what the log says of it.
  fileprivate mutating func warn(_ text: String = "oh", by name: String) -> [String] {
    tell(.reported(peer(name), WorkerReport(.warning, text))).notes
  }
}

/// A thousand workers: memory has a bound, and still every core has something to do.
struct WindowTests {
  @Test func `the window follows memory unless there are more cores`() {
    var stage = Stage(batch: 10_000) { $0.keptResults = 100 }
    stage.join("a", cores: 20)
    #expect(stage.coordinator.window == 80, "two for each hand")
    stage.join("b", cores: 20)
    #expect(stage.coordinator.window == 100, "as memory allows")
    for number in 0..<10 { stage.join("c\(number)", cores: 20) }
    #expect(stage.coordinator.window == 300, "one and a quarter a core")
  }
}
