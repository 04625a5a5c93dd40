import Coordination
import Messages
import Testing

struct RegistrationHazardTests {
  @Test func `no tasks before the canary`() {
    var stage = Stage()
    let actions = stage.tell(.registered(stage.peer("a"), stage.registration("a")))
    #expect(actions.orders(for: "a") == [.welcome])
    let admitted = stage.tell(.canary(stage.peer("a"), hash: 42))
    #expect(admitted.orders(for: "a").first == .parameters(step: 0))
    #expect(admitted.tasks(for: "a") == [Stage.task(0), Stage.task(1)])
  }

  @Test func `a wrong canary`() {
    var stage = Stage()
    stage.tell(.registered(stage.peer("a"), stage.registration("a")))
    let actions = stage.tell(.canary(stage.peer("a"), hash: 43))
    let reason =
      "its canary task came to another result than here; its machine or libraries compute differently"
    #expect(actions.orders(for: "a") == [.reject(Rejection(.canaryDiffers, reason))])
    #expect(actions.notes.contains("worker a quarantined: \(reason)"))
    // And not again.
    let again = stage.tell(.registered(stage.peer("a2"), stage.registration("a")))
    #expect(again.orders(for: "a2") == [.reject(Rejection(.quarantined, "it is quarantined: \(reason)"))])
  }

  @Test func `another version or architecture`() {
    var stage = Stage()
    var registration = stage.registration("a")
    registration.programVersion = "0.9"
    let version = stage.tell(.registered(stage.peer("a"), registration))
    #expect(
      version.notes.first
        == "worker a turned away: it runs version 0.9, the coordinator 1.0; run the same on both sides")
    registration = stage.registration("a")
    registration.architecture = "b"
    let architecture = stage.tell(.registered(stage.peer("a"), registration))
    #expect(
      architecture.notes.first == "worker a turned away: its networks are of another architecture; "
        + "run the same version on both sides")
  }

  @Test func `an unknown peer is asked to register`() {
    var stage = Stage()
    #expect(stage.heartbeat("ghost").orders(for: "ghost") == [.registerAgain])
    let actions = stage.result("ghost", 0)
    #expect(actions.orders(for: "ghost") == [.registerAgain])
    #expect(actions.contains(.discard(stage.last)))
    #expect(stage.coordinator.counters.stale == 1)
  }

  @Test func `double registration`() {
    var stage = Stage()
    stage.join("a")
    // The same worker on a new connection: what the old one had in hand goes out again, to the new one.
    stage.tell(.registered(stage.peer("b"), stage.registration("a")))
    let actions = stage.tell(.canary(stage.peer("b"), hash: 42))
    #expect(actions.tasks(for: "b") == [Stage.task(0), Stage.task(1)])
    #expect(stage.heartbeat("a").orders(for: "a") == [.registerAgain])
    #expect(stage.coordinator.activeWorkers == 1)
  }

  @Test func `a peer of another protocol is told so`() {
    var stage = Stage()
    let error = MessageError.otherProtocol(expected: 1, actual: 2)
    let actions = stage.tell(.unreadable(stage.peer("x"), error))
    #expect(actions.orders(for: "x") == [.reject(Rejection(.otherProtocol, error.description))])
  }

  @Test func `no workers at all`() {
    var stage = Stage(open: false)
    #expect(stage.begin(0).notes == ["waiting: no worker is connected"])
    #expect(stage.wait(.seconds(1)).notes == [], "said once")
    let registered = stage.tell(.registered(stage.peer("a"), stage.registration("a")))
    #expect(registered.notes == ["waiting: no worker has passed its canary yet"])
    #expect(
      stage.tell(.canary(stage.peer("a"), hash: 42)).notes == [
        "worker a on host joined with 1 core", "waiting is over",
      ])
    #expect(stage.tell(.goodbye(stage.peer("a"))).notes.last == "waiting: no worker is connected")
  }
}
