import Coordination
import Messages
import Testing

/// What somebody can do who reaches the port and knows the protocol, and must not.
struct StrangerHazardTests {
  // MARK: names

  @Test func `a name that is taken is not handed over`() {
    var stage = Stage(batch: 8)
    stage.join("a", secret: "mine")
    for number in 0..<100 {
      let thief = stage.peer("thief \(number)")
      let actions = stage.tell(.registered(thief, stage.registration("a", secret: "other")))
      #expect(actions.orders(for: "thief \(number)").count == 1)
      #expect(actions.orders(for: "a") == [], "the worker is not disturbed")
      stage.tell(.canary(thief, hash: 13))
    }
    #expect(stage.coordinator.activeWorkers == 1)
    #expect(stage.result("a", 0).folded == [0])
  }

  @Test func `a worker that comes again is known by its secret`() {
    var stage = Stage()
    stage.join("a", secret: "mine")
    let again = stage.tell(.registered(stage.peer("a2"), stage.registration("a", secret: "mine")))
    #expect(again.orders(for: "a2") == [.welcome])
  }

  @Test func `a name is kept for a while`() {
    var stage = Stage()
    stage.join("a", secret: "mine")
    stage.tell(.unreachable(stage.peer("a")))
    func attempt() -> Order? {
      stage.tell(.registered(stage.peer("b"), stage.registration("a", secret: "other"))).orders(for: "b")
        .first
    }
    guard case .reject(let rejection) = attempt() else {
      Issue.record("it was let in")
      return
    }
    #expect(rejection.reason == .nameTaken && rejection.mayTryAgain)
    stage.wait(.seconds(30))
    #expect(attempt() == .welcome, "as in a container that was started again")
  }

  @Test func `a wrong canary under an honest name shuts out the liar alone`() {
    var stage = Stage()
    stage.tell(.registered(stage.peer("liar"), stage.registration("a", secret: "other")))
    stage.tell(.canary(stage.peer("liar"), hash: 13))
    #expect(stage.join("a", secret: "mine").tasks(for: "a") == [Stage.task(0), Stage.task(1)])
    let again = stage.tell(.registered(stage.peer("liar"), stage.registration("a", secret: "other")))
    guard case .reject = again.orders(for: "liar").first else {
      Issue.record("\(again)")
      return
    }
  }

  @Test func `each key has names of its own`() {
    var stage = Stage(batch: 8)
    stage.join("a", at: "1", key: "anna")
    stage.tell(.registered(stage.peer("b"), stage.registration("a"), Credentials(address: "2", key: "bert")))
    let notes = stage.tell(.canary(stage.peer("b"), hash: 42)).notes
    #expect(notes == ["worker bert/a on host joined with 1 core"])
    #expect(stage.coordinator.activeWorkers == 2)
  }

  // MARK: credit and progress

  @Test func `cores that are claimed give no tasks`() {
    var stage = Stage(batch: 1000) { $0.firstCredit = 2 }
    #expect(stage.join("a", cores: 1024).tasks(for: "a").count == 2)
    var held = 2
    for index in 0..<20 {
      held += stage.result("a", index).tasks(for: "a").count - 1
      #expect(held == 3 + index, "one more with each result")
    }
  }

  @Test func `no more than two tasks a core`() {
    var stage = Stage(batch: 1000) { $0.firstCredit = 2 }
    stage.join("a", cores: 2)
    var held = 2
    for index in 0..<50 { held += stage.result("a", index).tasks(for: "a").count - 1 }
    #expect(held == 4)
  }

  @Test func `more steps than a task has are a fault`() {
    var stage = Stage(taskSteps: 25)
    stage.join("a")
    #expect(stage.heartbeat("a", Work(task: Stage.task(0), stepsDone: 25)).notes == [])
    #expect(
      stage.heartbeat("a", Work(task: Stage.task(0), stepsDone: 150)).notes
        == ["strike 1 for worker a: it reports 150 steps of task 0 of step 0, which has 25"])
  }

  @Test func `steps that go to and fro are no progress`() {
    var stage = Stage(batch: 2)
    stage.join("a")
    var notes: [String] = []
    for second in 0..<70 {
      stage.now = .seconds(second)
      stage.heartbeat("a", Work(task: Stage.task(second % 2 == 0 ? 0 : 7), stepsDone: second % 3))
      notes += stage.tell(.tick).notes
    }
    #expect(notes.first == "worker a lost: it made no progress for 60.0 seconds")
  }

  @Test func `who takes all tasks and gives none holds nobody up`() {
    var stage = Stage(batch: 6) { $0.firstCredit = 2 }
    for name in ["x", "y", "z"] { stage.join(name, cores: 1024) }
    stage.join("honest")
    for second in 1...11 {
      stage.now = .seconds(second)
      for name in ["x", "y", "z", "honest"] { stage.heartbeat(name) }
      stage.tell(.tick)
    }
    var folded = 0
    for index in 0..<6 {
      stage.now += .milliseconds(50)
      folded += stage.result("honest", index).folded.count
    }
    #expect(folded == 6, "each result brings the next slow task at once")
  }

  // MARK: confirmation

  @Test func `two names on one host do not confirm each other`() {
    var stage = Stage(batch: 1, verifiedShare: 1)
    stage.join("a", at: "10.0.0.1")
    stage.join("b", at: "10.0.0.1")
    let actions = stage.result("a", 0, hash: 66)
    #expect(actions.replays == [0] && actions.folded == [], "there is nobody who could confirm it")
    #expect(stage.replayed(0).notes.contains("worker a quarantined: a wrong result for task 0 of step 0"))
  }

  @Test func `two names of one key do not confirm each other`() {
    var stage = Stage(batch: 1, verifiedShare: 1)
    stage.join("a", at: "1", key: "anna")
    stage.join("b", at: "2", key: "anna")
    #expect(stage.result("a", 0).replays == [0])
  }

  @Test func `other keys on other hosts do`() {
    var stage = Stage(batch: 1, verifiedShare: 1)
    stage.join("a", at: "1", key: "anna")
    stage.join("b", at: "2", key: "bert")
    #expect(stage.result("a", 0).tasks(for: "b").contains(Stage.task(0)))
    #expect(stage.result("b", 0).folded == [0])
  }

  @Test func `only who was given a task may contradict what is folded`() {
    var stage = Stage(batch: 8)
    stage.join("a")
    #expect(stage.result("a", 0).folded == [0])
    stage.join("b")
    let actions = stage.result("b", 0, hash: 66)
    #expect(actions.replays == [])
    #expect(actions.notes == ["strike 1 for worker b: a result for a task that it was never given"])
  }

  // MARK: memory

  @Test func `invented names fill nothing`() {
    var stage = Stage()
    stage.join("honest")
    for number in 0..<20_000 {
      let peer = stage.peer("p\(number)")
      stage.tell(.registered(peer, stage.registration("n\(number)", secret: "\(number)")))
      stage.tell(.canary(peer, hash: 13))
    }
    #expect(stage.coordinator.standings.count <= 512)
    #expect(stage.coordinator.activeWorkers == 1)
  }

  @Test func `who was shut out is forgotten after a while`() {
    var stage = Stage()
    stage.tell(.registered(stage.peer("a"), stage.registration("a")))
    stage.tell(.canary(stage.peer("a"), hash: 13))
    func attempt() -> Order? {
      stage.tell(.registered(stage.peer("a"), stage.registration("a"))).orders(for: "a").first
    }
    #expect(attempt() != .welcome)
    stage.wait(.seconds(3700))
    #expect(attempt() == .welcome)
  }

  @Test func `strangers do not fill the log`() {
    var stage = Stage()
    var lines = 0
    for number in 0..<10_000 {
      stage.now = .milliseconds(number)
      var registration = stage.registration("n\(number)")
      registration.programVersion = "0"
      lines += stage.tell(.registered(stage.peer("p"), registration)).notes.count
    }
    #expect(lines < 50)
    stage.now = .seconds(100)
    var last = stage.registration("last")
    last.programVersion = "0"
    let notes = stage.tell(.registered(stage.peer("p"), last)).notes
    #expect(notes.first == "9980 more lines about workers turned away or lost are left out")
  }
}
