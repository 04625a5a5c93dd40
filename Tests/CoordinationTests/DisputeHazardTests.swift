import Coordination
import Messages
import Testing

struct DisputeHazardTests {
  @Test func `an unsound gradient that the replay finds sound is a strike`() {
    var stage = Stage()
    stage.join("a")
    let claim = stage.result("a", 0, quality: .unsound("not finite"))
    #expect(claim.replays == [0])
    #expect(claim.notes == ["task 0 of step 0 is replayed here: its gradient is unsound: not finite"])
    let actions = stage.replayed(0)
    #expect(actions.folded == [0], "the replay counts")
    #expect(
      actions.notes == ["strike 1 for worker a: an unsound gradient for task 0 of step 0, which is sound"])
  }

  @Test func `a task that diverges by itself is left out`() {
    var stage = Stage(batch: 2)
    stage.join("a")
    stage.result("a", 1)
    stage.result("a", 0, quality: .unsound("over the bound"))
    let actions = stage.tell(.replayed(Stage.task(0), .diverged))
    #expect(actions.leftOut == [0])
    #expect(actions.folded == [1])
    #expect(
      actions.contains(.finish(RoundSummary(round: RoundID(.training, step: 0), valid: 1, diverged: [0]))))
    #expect(stage.coordinator.activeWorkers == 1, "no blame")
  }

  @Test func `a step with no valid task`() {
    var stage = Stage(batch: 1)
    stage.join("a")
    stage.result("a", 0, quality: .unsound("not finite"))
    let actions = stage.tell(.replayed(Stage.task(0), .diverged))
    #expect(
      actions.contains(.finish(RoundSummary(round: RoundID(.training, step: 0), valid: 0, diverged: [0]))))
    // Unchanged parameters open the next step.
    #expect(stage.begin(1).orders(for: "a") == [.parameters(step: 1)])
  }

  @Test func `too many diverged tasks stop the run`() {
    var stage = Stage(batch: 1, steps: 10) {
      $0.divergenceSpan = 10
      $0.divergedShare = 0.2
    }
    stage.join("a")
    var end: End?
    for step in 0..<3 {
      stage.begin(step)
      stage.result("a", 0, step: step, quality: .unsound("not finite"))
      end = stage.tell(.replayed(Stage.task(0, step: step), .diverged)).end
    }
    #expect(
      end?.description == "the run stops: 3 of the last 10 tasks diverged; lower the learning rates")
  }

  @Test func `two results that differ are replayed and the wrong worker quarantined`() {
    var stage = twoForTaskZero()
    stage.result("b", 0)
    stage.join("c")
    // Not folded is only what waits; so task 1 first, from a.
    let claim = stage.result("a", 0, hash: 66)
    #expect(claim.replays == [0])
    let actions = stage.replayed(0, hash: 1)
    #expect(actions.notes.contains("worker a quarantined: a wrong result for task 0 of step 0"))
    #expect(!actions.contains(.restart(RoundID(.training, step: 0))), "what was folded was right")
  }

  @Test func `a wrong result already folded starts the step again`() {
    var stage = twoForTaskZero()
    #expect(stage.result("b", 0, hash: 66).folded == [0])
    stage.result("a", 0)
    let actions = stage.replayed(0, hash: 1)
    #expect(actions.contains(.restart(RoundID(.training, step: 0))))
    #expect(actions.notes.contains("step 0 is done again: the result folded for task 0 of step 0 was wrong"))
    #expect(actions.notes.contains("worker b quarantined: a wrong result for task 0 of step 0"))
    #expect(actions.tasks(for: "a").contains(Stage.task(0)))
    #expect(stage.coordinator.progress.folded == 0)
  }

  @Test func `a round does not end during a dispute`() {
    var stage = twoForTaskZero()
    stage.result("b", 0)
    let before = stage.result("a", 0, hash: 66)
    #expect(before.replays == [0])
    var finished = false
    for index in 1..<8 where stage.coordinator.progress.folded < 8 {
      finished =
        finished || stage.result("b", index).contains { if case .finish = $0 { true } else { false } }
      finished =
        finished || stage.result("a", index).contains { if case .finish = $0 { true } else { false } }
    }
    #expect(!finished)
    #expect(stage.replayed(0).contains { if case .finish = $0 { true } else { false } })
  }

  @Test func `a replay ends the matter`() {
    var stage = Stage()
    stage.join("a")
    stage.result("a", 0, quality: .unsound("not finite"))
    stage.replayed(0)
    // No second replay for a result that contradicts it.
    let actions = stage.result("a", 0, hash: 66)
    #expect(actions.replays == [])
    #expect(actions.notes.first == "worker a quarantined: a wrong result for task 0 of step 0")
  }

  @Test func `verified tasks are computed by two`() {
    var stage = Stage(batch: 2, verifiedShare: 1)
    stage.join("a")
    stage.join("b")
    // a has 0 and b has 1; each gets the other's afterwards.
    let first = stage.result("a", 0)
    #expect(first.folded == [])
    #expect(first.tasks(for: "b").contains(Stage.task(0)))
    #expect(stage.result("b", 0).folded == [0])
  }

  @Test func `a lonely worker's tasks are verified by the replay`() {
    var stage = Stage(batch: 1, verifiedShare: 1)
    stage.join("a")
    let actions = stage.result("a", 0)
    #expect(actions.replays == [0])
    #expect(actions.folded == [])
    #expect(stage.replayed(0).folded == [0])
  }

  @Test func `a lie about a verified task is found before it counts`() {
    var stage = Stage(batch: 2, verifiedShare: 1)
    stage.join("a")
    stage.join("b")
    stage.result("a", 0, hash: 66)
    #expect(stage.result("b", 0).replays == [0])
    let actions = stage.replayed(0)
    #expect(actions.folded == [0])
    #expect(actions.notes.contains("worker a quarantined: a wrong result for task 0 of step 0"))
    #expect(stage.coordinator.counters.restarts == 0)
  }

  @Test(arguments: [0.0, 0.05, 0.5, 1.0])
  func `the share of verified tasks is as asked`(share: Double) {
    var stage = Stage(batch: 10_000, verifiedShare: share)
    stage.join("a", cores: 1000)
    var replays = 0
    var given = 0
    while given < 4000 {
      replays += stage.result("a", given).replays.count
      if replays > 0, stage.coordinator.progress.folded < given { stage.replayed(given) }
      given += 1
    }
    // Three standard deviations of a binomial with n = 4,000 are at most 95.
    #expect(abs(Double(replays) - share * 4000) < 95)
  }

  @Test func `a replay that cannot be done stops the run`() {
    var stage = Stage()
    stage.join("a")
    stage.result("a", 0, quality: .unsound("not finite"))
    let failure = Event.replayed(Stage.task(0), .failed(signal: 9, "killed by signal 9"))
    #expect(stage.tell(failure).replays == [0])
    #expect(stage.tell(failure).replays == [0])
    #expect(
      stage.tell(failure).end?.description
        == "the run stops: task 0 of step 0 (seed 9) could not be replayed to settle a dispute, killed by signal 9; "
        + "look into it with metakernelgan replay-task")
  }

  /// Task 0 was given to a first, then, a being lost for a moment, to b.
  private func twoForTaskZero() -> Stage {
    var stage = Stage(batch: 8)
    stage.join("a")
    stage.tell(.goodbye(stage.peer("a")))
    stage.join("b", cores: 4)
    stage.join("a")
    return stage
  }
}
