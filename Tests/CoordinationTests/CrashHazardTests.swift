import Coordination
import Messages
import Testing

struct CrashHazardTests {
  @Test(arguments: [4, 5, 6, 7, 8, 11])
  func threeCrashesOnOneTaskStopTheRun(signal: Int) {
    var stage = Stage()
    stage.join("a")
    #expect(crash(&stage, 1, signal).end == nil)
    let second = crash(&stage, 2, signal)
    #expect(
      second.notes.contains(
        "worker a died of signal \(signal) on task 1 of step 0, the task's crash number 2"))
    #expect(
      crash(&stage, 3, signal).end?.description
        == "the run stops: task 1 of step 0 (seed 9) crashed 3 processes; "
        + "look into it with metakernelgan replay-task")
  }

  @Test(arguments: [9, 15, 2, 1])
  func endsFromOutsideNeverCount(signal: Int) {
    var stage = Stage()
    for number in 1...10 { #expect(crash(&stage, number, signal).end == nil) }
  }

  @Test func aReportThatIsRepeatedCountsOnce() {
    var stage = Stage()
    for _ in 0..<10 { #expect(crash(&stage, 1, 11).end == nil) }
  }

  @Test func reportsFromAnotherRunOrRoundDoNotCount() {
    var stage = Stage()
    for number in 1...5 {
      #expect(crash(&stage, number, 11, run: "other").end == nil)
      #expect(crash(&stage, 100 + number, 11, Stage.task(0, step: 7)).end == nil)
      #expect(crash(&stage, 200 + number, 11, Stage.task(99)).end == nil)
    }
  }

  @Test func crashesOnDifferentTasksDoNotAddUp() {
    var stage = Stage()
    for number in 1...4 { #expect(crash(&stage, number, 11, Stage.task(number - 1)).end == nil) }
  }

  /// Of a process that the coordinator's own program started.
  @Test func aRegistrationCarriesItsPredecessorsCrash() {
    var stage = Stage(secret: "ours")
    stage.join("a", secret: "ours")
    for number in 1...3 {
      let actions = report(&stage, "a", number, secret: "ours")
      #expect(actions.end == (number < 3 ? nil : .crashingTask(Stage.task(1), seed: 9, crashes: 3)))
    }
  }

  /// Three registrations with crash notes, one name, no canary passed.
  @Test func aStrangersReportsStopNothing() {
    var stage = Stage(secret: "ours")
    for number in 1...50 {
      let actions = report(&stage, "stranger", number, secret: "")
      #expect(actions.end == nil && actions.replays.isEmpty)
    }
  }

  /// Strangers that were given the task have it computed here, once, and are not believed again.
  @Test func reportsOfOthersAreTriedOutHere() {
    var stage = Stage(secret: "ours")
    stage.join("a")
    #expect(report(&stage, "a", 1).replays == [] && report(&stage, "a", 2).replays == [])
    let third = report(&stage, "a", 3)
    #expect(third.end == nil && third.replays == [1])
    #expect(third.notes.contains("task 1 of step 0 is replayed here: it is said to have crashed 3 processes"))
    let notes = stage.replayed(1).notes
    #expect(
      notes.contains(
        "strike 1 for worker a: it died of task 1 of step 0, which is computed here without harm"))
    #expect(report(&stage, "a", 4).replays == [], "it is decided")
  }

  @Test func reportsThatAreTrueStopTheRun() {
    var stage = Stage()
    stage.join("a")
    for number in 1...3 { report(&stage, "a", number) }
    let actions = stage.tell(.replayed(Stage.task(1), .failed(signal: 11, "it died of signal 11")))
    #expect(actions.end == .crashingTask(Stage.task(1), seed: 9, crashes: 4))
  }

  @discardableResult
  private func report(
    _ stage: inout Stage, _ name: String, _ number: Int, secret: String = ""
  ) -> [Action] {
    let crash = Crash(number: number, signal: 11, run: "run", task: Stage.task(1))
    let registration = stage.registration(name, secret: secret, crash: crash)
    return stage.tell(.registered(stage.peer("\(name)\(number)"), registration))
  }

  private func crash(
    _ stage: inout Stage, _ number: Int, _ signal: Int, _ task: TaskID = Stage.task(1), run: String = "run"
  ) -> [Action] {
    stage.tell(.died(worker: "a", Crash(number: number, signal: signal, run: run, task: task)))
  }
}
