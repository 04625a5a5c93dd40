import Coordination
import Messages
import Testing

struct ResultHazardTests {
  @Test func `out of order results are folded in order`() {
    var stage = Stage(batch: 4)
    stage.join("a", cores: 2)
    #expect(stage.result("a", 2).folded == [])
    #expect(stage.result("a", 1).folded == [])
    #expect(stage.result("a", 0).folded == [0, 1, 2])
    let last = stage.result("a", 3)
    #expect(last.folded == [3])
    #expect(last.contains(.finish(RoundSummary(round: RoundID(.training, step: 0), valid: 4, diverged: []))))
  }

  @Test func `a duplicate is dropped`() {
    var stage = Stage()
    stage.join("a")
    stage.result("a", 1)
    let actions = stage.result("a", 1)
    #expect(actions.contains(.discard(stage.last)))
    #expect(stage.coordinator.counters.duplicates == 1)
    // After it was folded as well.
    stage.result("a", 0)
    stage.result("a", 0)
    #expect(stage.coordinator.counters.duplicates == 2)
  }

  @Test func `a late result is dropped`() {
    var stage = Stage(batch: 1)
    stage.join("a")
    stage.result("a", 0)
    stage.begin(1)
    #expect(stage.result("a", 0, hash: 99).contains(.discard(stage.last)))
    #expect(stage.coordinator.counters.late == 1)
  }

  @Test func `a result from an earlier life is dropped without blame`() {
    var stage = Stage()
    stage.join("a")
    for _ in 0..<5 { stage.result("a", 0, incarnation: 2) }
    #expect(stage.coordinator.counters.stale == 5)
    #expect(stage.coordinator.activeWorkers == 1)
  }

  @Test func `wrong parameters are refused`() {
    var stage = Stage()
    stage.join("a")
    let notes = stage.result("a", 0, parameters: "other").notes
    #expect(notes == ["strike 1 for worker a: a result from other parameters"])
  }

  @Test func `results for tasks never given are refused`() {
    var stage = Stage(batch: 40)
    stage.join("a")
    #expect(
      stage.result("a", 30).notes == ["strike 1 for worker a: a result for a task that it was never given"])
    #expect(stage.result("a", 40).notes == ["strike 2 for worker a: a result for a task that does not exist"])
  }

  @Test func `a result before its round is refused`() {
    var stage = Stage(batch: 1)
    stage.join("a")
    let notes = stage.result("a", 0, step: 1).notes
    #expect(notes == ["strike 1 for worker a: a result for a round that has not begun"])
  }

  @Test func `a broken result's task goes to someone else`() {
    var stage = Stage(batch: 4)
    stage.join("a")
    stage.join("b")
    stage.result("b", 2)
    let actions = stage.result("a", 0, quality: .broken("its checksum is wrong"))
    #expect(actions.tasks(for: "b") == [Stage.task(0)])
    #expect(actions.tasks(for: "a").allSatisfy { $0.round.step == 1 }, "only what is sent ahead")
  }

  @Test func `a lonely worker gets its broken task again`() {
    var stage = Stage(batch: 2)
    stage.join("a")
    stage.result("a", 0, quality: .broken("its length is wrong"))
    #expect(stage.heartbeat("a").tasks(for: "a") + stage.wait(.seconds(1)).tasks(for: "a") == [Stage.task(0)])
  }

  @Test func `a repeated offender is quarantined and its unfolded results discarded`() {
    var stage = Stage(batch: 6)
    stage.join("a", cores: 2)
    stage.join("b")
    stage.result("a", 1)
    let kept = stage.last
    stage.result("a", 0, quality: .broken("its length is wrong"))
    stage.result("a", 2, quality: .broken("its length is wrong"))
    let actions = stage.result("a", 3, quality: .broken("its length is wrong"))
    #expect(actions.notes.contains("worker a quarantined: its length is wrong"))
    #expect(actions.orders(for: "a") == [.reject(Rejection(.quarantined, "its length is wrong"))])
    #expect(actions.contains(.discard(kept)))
    #expect(stage.coordinator.activeWorkers == 1)
  }

  @Test func `an unreadable message puts all back`() {
    var stage = Stage(batch: 2)
    stage.join("a")
    let actions = stage.tell(.unreadable(stage.peer("a"), .noBody))
    #expect(actions.orders(for: "a") == [.registerAgain])
    #expect(stage.join("b").tasks(for: "b").prefix(2) == [Stage.task(0), Stage.task(1)])
  }
}
