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

  @Test func aRegistrationCarriesItsPredecessorsCrash() {
    var stage = Stage()
    for number in 1...3 {
      let crash = Crash(number: number, signal: 11, run: "run", task: Stage.task(1))
      let actions = stage.tell(.registered(stage.peer("a\(number)"), stage.registration("a", crash: crash)))
      #expect(actions.end == (number < 3 ? nil : .crashingTask(Stage.task(1), seed: 9, crashes: 3)))
    }
  }

  private func crash(
    _ stage: inout Stage, _ number: Int, _ signal: Int, _ task: TaskID = Stage.task(1), run: String = "run"
  ) -> [Action] {
    stage.tell(.died(worker: "a", Crash(number: number, signal: signal, run: run, task: task)))
  }
}
