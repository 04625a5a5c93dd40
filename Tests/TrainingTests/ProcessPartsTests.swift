import Coordination
import Messages
import Platform
import RunDirectory
import Testing
import Training

@Suite struct AdvertisedAddressTests {
  @Test(
    arguments: [
      ("tcp://0.0.0.0:5555", nil, "tcp://node7:5555"), ("tcp://*:5555", nil, "tcp://node7:5555"),
      ("tcp://[::]:5555", nil, "tcp://node7:5555"), ("tcp://127.0.0.1:5555", nil, "tcp://127.0.0.1:5555"),
      ("tcp://[::1]:5555", nil, "tcp://[::1]:5555"),
      ("tcp://0.0.0.0:5555", "10.0.0.7", "tcp://10.0.0.7:5555"),
      ("tcp://10.0.0.1:80", "gate.example", "tcp://gate.example:80"),
      ("tcp://[::]:5555", "fd00::7", "tcp://[fd00::7]:5555"),
      ("tcp://[::]:5555", "[fd00::7]", "tcp://[fd00::7]:5555"), ("ipc:///run/x", "node", "ipc:///run/x"),
    ] as [(String, String?, String)])
  func `others are told`(endpoint: String, host: String?, expected: String) {
    #expect(AdvertisedAddress.of(endpoint, host: host, machine: "node7") == expected)
  }

  @Test(arguments: [
    ("tcp://0.0.0.0:5555", "tcp://127.0.0.1:5555"), ("tcp://[::]:5555", "tcp://[::1]:5555"),
    ("tcp://10.0.0.0:5555", "tcp://10.0.0.0:5555"),
  ])
  func `processes of this machine are told`(endpoint: String, expected: String) {
    #expect(AdvertisedAddress.local(endpoint) == expected)
  }
}

@Suite struct SupervisionTests {
  /// Twice as long each time, never long; a process that lived for a while has earned a quick start.
  @Test func `restarts back off`() {
    var pause = 0.1
    var all: [Double] = []
    for _ in 0..<10 {
      pause = Supervisor.pause(after: pause, lived: 0.5)
      all.append(pause)
    }
    #expect(all.prefix(3) == [0.2, 0.4, 0.8] && all.suffix(3) == [10, 10, 10])
    #expect(Supervisor.pause(after: 10, lived: 11) == 0.1)
  }

  @Test func `task lines come back`() {
    for kind in [RoundID.Kind.training, .evaluation] {
      let line = TaskLine(task: TaskID(RoundID(kind, step: 12), 3), run: "run")
      #expect(TaskLine(line.text) == line)
    }
    for text in ["", TaskLine.done, "task", "task training x 3 run", "task other 1 2 run"] {
      #expect(TaskLine(text) == nil)
    }
  }
}

@Suite struct FaultCountTests {
  @Test func `a worker that comes again is a reconnection`() {
    var faults = FaultCounts()
    for name in ["a", "b", "a", "a"] { faults.count(.joined(worker: name, host: "h", cores: 1)) }
    faults.count(.quarantined(worker: "b", reason: "lies"))
    faults.count(.waiting(nil))
    faults.leaseWaits = 1
    var counters = Counters()
    (counters.broken, counters.late, counters.lost, counters.reissued) = (1, 2, 3, 4)
    let shown = faults.shown(counters)
    #expect(shown.refused == ["broken": 1, "stale": 0, "late": 2, "duplicate": 0])
    #expect(
      (shown.lost, shown.reissued, shown.quarantines, shown.reconnections, shown.leaseWaits) == (
        3, 4, 1, 2, 1
      ))
  }
}

@Suite struct StatusCurveTests {
  /// However long a run, its curve spans it from the beginning to the end with a bounded number of points.
  @Test func `a long curve is thinned and spans the run`() {
    var curve: [RunStatus.Quality] = []
    for step in 1...5000 {
      curve = StatusBoard.extended(curve, by: RunStatus.Quality(step: step, before: 1, after: 2))
      #expect(curve.count <= StatusBoard.longestHistory && curve.last?.step == step)
    }
    #expect((curve.first?.step ?? 5000) < 100)
    #expect(curve.map(\.step) == curve.map(\.step).sorted())
    #expect(StatusBoard.extended(curve, by: nil) == curve)
  }

  @Test func `a pace follows and forgets`() {
    var pace = Pace().after(1, done: 0)
    for second in 1...100 { pace = pace.after(1, done: 20 * second) }
    #expect(abs(pace.perSecond - 20) < 0.1)
    for _ in 0..<100 { pace = pace.after(1, done: 2000) }
    #expect(pace.perSecond < 0.01)
    // A worker that has connected again counts from nothing.
    #expect(pace.after(1, done: 3).perSecond == 0)
  }
}

@Suite struct MeterTests {
  @Test func `speed and means are those of the last report`() throws {
    let begin = Deadline.now
    var meter = Meter(steps: 100, batch: 4, step: 10, now: begin)
    let early = meter.report(workers: 1, Counters(), now: begin.adding(0.5))
    #expect(early == nil, "too early")
    var step = StepSummary()
    step.generatorNorm = 3
    meter.finish(step)
    let report = meter.report(workers: 1, Counters(), now: begin.adding(2))
    let idle = try #require(report)
    #expect(idle.step == 11 && idle.tasksPerSecond == 0)
  }
}
