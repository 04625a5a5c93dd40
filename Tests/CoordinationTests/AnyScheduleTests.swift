import Coordination
import Messages
import Testing

/// Whatever happens, in whatever order, the run folds the same: the promise itself.
struct AnyScheduleTests {
  @Test func `honest workers that come and go`() {
    check(Simulation.Settings(schedule: schedule), seeds: 0..<1000)
  }

  @Test func `workers that send rubbish, duplicates and late results`() {
    check(Simulation.Settings(schedule: schedule, mischief: 0.3), seeds: 1000..<2000)
  }

  @Test func `liars among verified tasks`() {
    check(
      Simulation.Settings(schedule: schedule, verifiedShare: 1, mischief: 0.3, lies: true), seeds: 2000..<3000
    )
  }

  @Test func `some tasks verified`() {
    check(Simulation.Settings(schedule: schedule, verifiedShare: 0.3, mischief: 0.2), seeds: 3000..<3500)
  }

  @Test func `many tasks and a small window`() {
    let large = Schedule(steps: 2, batch: 150, evaluationInterval: 0)
    check(Simulation.Settings(schedule: large, mischief: 0.1), seeds: 4000..<4100)
  }

  @Test(arguments: [2, 3, 18])
  func blocks(size: Int) {
    let schedule = Schedule(
      steps: 4, batch: 18, evaluationInterval: 36, evaluationCount: 5, block: size)
    check(Simulation.Settings(schedule: schedule), seeds: 6000..<6200)
    check(
      Simulation.Settings(schedule: schedule, verifiedShare: 0.3, mischief: 0.3), seeds: 6200..<6500)
    check(
      Simulation.Settings(schedule: schedule, verifiedShare: 1, mischief: 0.3, lies: true), seeds: 6500..<6700
    )
  }

  @Test func `equal events give equal actions`() {
    let settings = Simulation.Settings(schedule: schedule, verifiedShare: 0.5, mischief: 0.3, lies: true)
    for seed in 0..<20 as Range<UInt64> {
      var (a, b) = (Simulation(settings, seed: seed), Simulation(settings, seed: seed))
      a.run(storm: 300)
      b.run(storm: 300)
      #expect(a.events == b.events)
      #expect(a.coordinator.counters == b.coordinator.counters)
    }
  }

  private let schedule = Schedule(steps: 4, batch: 9, evaluationInterval: 18, evaluationCount: 5)

  @Test func `the storm does all its harm`() {
    var sum = Counters()
    let settings = Simulation.Settings(schedule: schedule, verifiedShare: 0.3, mischief: 0.3)
    for seed in 5000..<5100 as Range<UInt64> {
      var simulation = Simulation(settings, seed: seed)
      simulation.run(storm: 600)
      sum += simulation.coordinator.counters
    }
    let least = min(
      sum.accepted, sum.duplicates, sum.late, sum.stale, sum.broken, sum.reissued, sum.replays, sum.diverged,
      sum.restarts, sum.lost)
    #expect(least > 0, "\(sum)")
  }

  private func check(
    _ settings: Simulation.Settings, seeds: Range<UInt64>, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let expected = expectedRounds(settings.schedule)
    for seed in seeds {
      var simulation = Simulation(settings, seed: seed)
      simulation.run(storm: 200 + Int(seed % 5) * 200)
      #expect(simulation.failures.isEmpty, "seed \(seed)", sourceLocation: sourceLocation)
      let isSame =
        simulation.rounds.map(\.round) == expected.map(\.round)
        && zip(simulation.rounds, expected).allSatisfy { $0.folds == $1.folds }
      #expect(isSame, "seed \(seed)", sourceLocation: sourceLocation)
    }
  }

  private func expectedRounds(_ schedule: Schedule) -> [(round: RoundID, folds: Simulation.Folds)] {
    var rounds: [(round: RoundID, folds: Simulation.Folds)] = []
    var round = schedule.firstRound(after: 0)
    while let id = round {
      let block = schedule.block(of: id)
      rounds.append((id, (0..<schedule.count(of: id)).map { Simulation.truth(TaskID(id, $0, block: block)) }))
      round = schedule.round(after: id)
    }
    return rounds
  }
}

extension Counters {
  static func += (sum: inout Counters, other: Counters) {
    for count in [
      \Counters.accepted, \.duplicates, \.late, \.stale, \.broken, \.reissued, \.replays, \.diverged,
      \.restarts,
      \.lost,
    ] as [WritableKeyPath<Counters, Int>] {
      sum[keyPath: count] += other[keyPath: count]
    }
  }
}
