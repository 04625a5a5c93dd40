import Coordination
import Messages
import Testing

/// What is told of workers to people.
struct StandingTests {
  @Test func `counts what a worker did and cost`() {
    var stage = Stage(batch: 4)
    stage.join("a")
    stage.join("b")
    stage.now = .seconds(3)
    stage.result("b", 2)
    stage.tell(.registered(stage.peer("c"), stage.registration("c")))
    stage.result("a", 0, quality: .broken("its checksum is wrong"))
    let standings = stage.coordinator.standings
    #expect(standings.map(\.name) == ["a", "b", "c"])
    #expect(standings.map(\.stage) == [.active, .active, .canary])
    #expect(standings.map(\.done) == [0, 1, 0] && standings.map(\.retries) == [1, 0, 0])
    #expect(standings.map(\.lastHeard) == [.seconds(3), .seconds(3), .seconds(3)])
  }

  /// What a lost worker had in hand counts against its name when it is there again.
  @Test func `remembers losses over a connection`() {
    var stage = Stage(batch: 4)
    stage.join("a")
    stage.tell(.unreachable(stage.peer("a")))
    stage.join("a")
    #expect(stage.coordinator.standings.map(\.retries) == [2])
  }

  @Test func `quarantined ones stay in sight`() {
    var stage = Stage(batch: 4)
    stage.join("good")
    stage.tell(.registered(stage.peer("bad"), stage.registration("bad")))
    stage.tell(.canary(stage.peer("bad"), hash: 1))
    let standings = stage.coordinator.standings
    #expect(standings.map(\.name) == ["good", "bad"] && standings[1].host == "host")
    guard case .quarantined(let reason) = standings[1].stage else {
      Issue.record("\(standings[1])")
      return
    }
    #expect(reason.hasPrefix("its canary task came to another result"))
  }
}
