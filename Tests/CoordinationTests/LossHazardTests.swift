import Coordination
import Messages
import Testing

struct LossHazardTests {
  @Test(arguments: ["goodbye", "unreachable", "died"])
  func `a lost worker's tasks go out`(how: String) {
    var stage = Stage(batch: 4)
    stage.join("a")
    stage.join("b")
    stage.result("b", 2)
    stage.result("b", 3)
    let actions =
      switch how {
      case "goodbye": stage.tell(.goodbye(stage.peer("a")))
      case "unreachable": stage.tell(.unreachable(stage.peer("a")))
      default: stage.tell(.died(worker: "a", nil))
      }
    #expect(actions.tasks(for: "b") == [Stage.task(0), Stage.task(1)])
  }

  @Test func silence() {
    var stage = Stage(batch: 2)
    stage.join("a")
    stage.now = .seconds(9)
    stage.join("b")
    let actions = stage.wait(.seconds(2))
    #expect(actions.notes.first == "worker a lost: it has not been heard of for 10.0 seconds")
    #expect(actions.tasks(for: "b") == [Stage.task(0), Stage.task(1)])
  }

  @Test func `a hung computation is told from a slow one`() {
    var stage = Stage(batch: 4)
    stage.join("slow")
    stage.join("hung")
    var notes: [String] = []
    for second in 1...65 {
      stage.now = .seconds(second)
      stage.heartbeat("slow", Work(task: Stage.task(0), stepsDone: second / 10))
      stage.heartbeat("hung", Work(task: Stage.task(2), stepsDone: 3))
      notes += stage.tell(.tick).notes
    }
    #expect(notes.first == "worker hung lost: it made no progress for 60.0 seconds")
    #expect(stage.coordinator.activeWorkers == 1)
  }

  @Test func `an idle worker is not hung`() {
    var stage = Stage(batch: 1, open: false)
    stage.join("a")
    for second in 1...100 {
      stage.now = .seconds(second)
      stage.heartbeat("a")
      #expect(stage.tell(.tick).notes.isEmpty)
    }
  }

  @Test func `a straggler's task is given to an idle worker too`() {
    var stage = Stage(batch: 8)
    stage.join("slow")
    stage.join("quick", cores: 3)
    for index in 2..<8 {
      stage.now += .milliseconds(100)
      stage.result("quick", index)
    }
    #expect(stage.wait(.milliseconds(100)).tasks(for: "quick") == [], "not slow yet")
    let actions = stage.wait(.seconds(2))
    #expect(actions.notes.contains("task 0 of step 0 is slow and given to worker quick too"))
    // Its own result is right all the same, and the copy is called back.
    let result = stage.result("slow", 0)
    #expect(result.folded == [0])
    #expect(result.orders(for: "quick").contains(.cancel(Stage.task(0))))
    // The idle worker gets the next slow task at once, not at the next tick.
    #expect(stage.coordinator.counters.reissued == 2)
  }

  @Test func `the next step's tasks are sent ahead`() {
    var stage = Stage(batch: 2)
    stage.join("a")
    #expect(stage.result("a", 0).orders(for: "a") == [.task(Stage.task(0, step: 1), parameters: nil)])
    #expect(stage.result("a", 1).orders(for: "a") == [.task(Stage.task(1, step: 1), parameters: nil)])
    #expect(stage.begin(1).orders(for: "a") == [.parameters(step: 1)], "nothing else is on the critical path")
  }

  @Test func `tasks sent ahead keep nobody from this step's own`() {
    var stage = Stage(batch: 4)
    stage.join("a")
    stage.join("b")
    stage.result("b", 2)
    stage.result("b", 3)
    // b's hands are full of tasks sent ahead.
    #expect(stage.tell(.goodbye(stage.peer("a"))).tasks(for: "b") == [Stage.task(0), Stage.task(1)])
  }

  @Test func `the window bounds what is kept`() {
    var stage = Stage(batch: 1000)
    stage.join("stuck")
    stage.join("quick")
    var given = 2
    for index in 2..<1000 {
      let tasks = stage.result("quick", index).tasks(for: "quick")
      guard !tasks.isEmpty else { break }
      given = max(given, tasks.map(\.index).max() ?? 0)
    }
    // max(16, 2 x (2 + 2))
    #expect(stage.coordinator.window == 16)
    #expect(given == 15)
  }

  @Test func interruption() {
    var stage = Stage()
    stage.join("a")
    stage.result("a", 1)
    let kept = stage.last
    let actions = stage.tell(.interrupted)
    #expect(actions.end == .interrupted)
    #expect(actions.orders(for: "a") == [.shutdown(.interrupted)])
    #expect(actions.contains(.discard(kept)))
    #expect(stage.heartbeat("b").orders(for: "b") == [.shutdown(.interrupted)])
    #expect(stage.result("a", 0) == [.discard(stage.last)])
  }

  @Test func `evaluations come between steps`() {
    var stage = Stage(batch: 2, steps: 2, evaluationInterval: 2)
    stage.join("a")
    stage.result("a", 0)
    #expect(stage.result("a", 1).tasks(for: "a") == [Stage.task(1, step: 1, kind: .evaluation)])
    stage.begin(1)
    stage.result("a", 0, step: 1, kind: .evaluation)
    let actions = stage.result("a", 1, step: 1, kind: .evaluation)
    #expect(actions.folded == [1])
    // The same parameters serve the step that follows, which begins at once.
    #expect(
      actions.orders(for: "a") == [0, 1].map { .task(Stage.task($0, step: 1), parameters: Stage.parameters) })
  }

  @Test func `the last step ends the run`() {
    var stage = Stage(batch: 1, steps: 1)
    stage.join("a")
    let actions = stage.result("a", 0)
    #expect(actions.end == .finished)
    #expect(actions.orders(for: "a") == [.shutdown(.finished)])
  }
}
