import Coordination
import Messages
import Testing

struct CrashHazardTests {
  @Test(arguments: [4, 5, 6, 7, 8, 11])
  func `three crashes on one task stop the run`(signal: Int) {
    var stage = Stage()
    stage.join("a")
    #expect(stage.crash(1, signal: signal).end == nil)
    let second = stage.crash(2, signal: signal)
    #expect(
      second.notes.contains(
        "worker a died of signal \(signal) on task 1 of step 0, the task's crash number 2"))
    #expect(
      stage.crash(3, signal: signal).end?.description
        == "the run stops: task 1 of step 0 (seed 9) crashed 3 processes; "
        + "look into it with metakernelgan replay-task")
  }

  @Test(arguments: [9, 15, 2, 1])
  func `ends from outside never count`(signal: Int) {
    var stage = Stage()
    for number in 1...10 { #expect(stage.crash(number, signal: signal).end == nil) }
  }

  @Test func `a report that is repeated counts once`() {
    var stage = Stage()
    for _ in 0..<10 { #expect(stage.crash(1).end == nil) }
  }

  @Test func `reports from another run or round do not count`() {
    var stage = Stage()
    for number in 1...5 {
      #expect(stage.crash(number, run: "other").end == nil)
      #expect(stage.crash(100 + number, on: Stage.task(0, step: 7)).end == nil)
      #expect(stage.crash(200 + number, on: Stage.task(99)).end == nil)
    }
  }

  @Test func `crashes on different tasks do not add up`() {
    var stage = Stage()
    for number in 1...4 { #expect(stage.crash(number, on: Stage.task(number - 1)).end == nil) }
  }

  /// Of a process that the coordinator's own program started.
  @Test func `a registration carries its predecessor's crash`() {
    var stage = Stage(secret: "ours")
    stage.join("a", secret: "ours")
    for number in 1...3 {
      let actions = stage.registerAfterCrash(number, as: "a", secret: "ours")
      #expect(actions.end == (number < 3 ? nil : .crashingTask(Stage.task(1), seed: 9, crashes: 3)))
    }
  }

  /// Three registrations with crash notes, one name, no canary passed.
  @Test func `a stranger's reports stop nothing`() {
    var stage = Stage(secret: "ours")
    for number in 1...50 {
      let actions = stage.registerAfterCrash(number, as: "stranger", secret: "")
      #expect(actions.end == nil && actions.replays.isEmpty)
    }
  }

  /// Strangers that were given the task have it computed here, once, and are not believed again.
  @Test func `reports of others are tried out here`() {
    var stage = Stage(secret: "ours")
    stage.join("a")
    for number in 1...2 { #expect(stage.registerAfterCrash(number, as: "a").replays == []) }
    let third = stage.registerAfterCrash(3, as: "a")
    #expect(third.end == nil && third.replays == [1])
    #expect(third.notes.contains("task 1 of step 0 is replayed here: it is said to have crashed 3 processes"))
    let notes = stage.replayed(1).notes
    #expect(
      notes.contains(
        "strike 1 for worker a: it died of task 1 of step 0, which is computed here without harm"))
    #expect(stage.registerAfterCrash(4, as: "a").replays == [], "it is decided")
  }

  @Test func `reports that are true stop the run`() {
    var stage = Stage()
    stage.join("a")
    for number in 1...3 { stage.registerAfterCrash(number, as: "a") }
    let actions = stage.tell(.replayed(Stage.task(1), .failed(signal: 11, "it died of signal 11")))
    #expect(actions.end == .crashingTask(Stage.task(1), seed: 9, crashes: 4))
  }
}

extension Stage {
  /// A registration that tells of its worker's crash on task 1, so many by now; each from a connection of its own.
  @discardableResult
  fileprivate mutating func registerAfterCrash(
    _ number: Int, as name: String, secret: String = ""
  ) -> [Action] {
    let crash = Crash(number: number, signal: 11, run: "run", task: Stage.task(1))
    let registration = registration(name, secret: secret, crash: crash)
    return tell(.registered(peer("\(name)\(number)"), registration))
  }

  /// Worker a's crash, so many by now, as its supervisor saw it.
  fileprivate mutating func crash(
    _ number: Int, signal: Int = 11, on task: TaskID = Stage.task(1), run: String = "run"
  ) -> [Action] {
    tell(.died(worker: "a", Crash(number: number, signal: signal, run: run, task: task)))
  }
}
