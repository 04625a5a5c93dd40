import RunDirectory
import Testing

/// Random histories of writes, damage and going back, as far as the decision goes.
@Suite struct RetentionTests {
  @Test func `the rules hold after every write`() throws {
    for seed in 0..<300 { try history(seed: UInt64(seed)) }
  }

  private func history(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let retention = Retention(
      last: .random(in: 0...5, using: &random), every: .random(in: -1...7, using: &random))
    let last = max(1, retention.last)
    var (present, damaged, step) = (Set<Int>(), Set<Int>(), 0)
    for _ in 0..<60 {
      if Int.random(in: 0..<8, using: &random) == 0,
        let back = present.subtracting(damaged).randomElement(using: &random)
      {
        damaged.formUnion(present.filter { $0 > back })
        step = back
      }
      step += .random(in: 0...4, using: &random)
      present.insert(step)
      damaged.remove(step)
      let best = Bool.random(using: &random) ? present.randomElement(using: &random) : nil
      let gone = Set(
        retention.expendable(present.shuffled(using: &random), written: step, damaged: damaged, best: best))
      let left = present.subtracting(gone)
      try #require(best.map(left.contains) ?? true)
      try #require(gone.isSubset(of: present) && left.contains(step))
      try #require(gone.allSatisfy { $0 < step && (retention.every == 0 || $0 % retention.every != 0) })
      let good = present.filter { $0 <= step && !damaged.contains($0) }.sorted()
      try #require(left.isSuperset(of: good.suffix(last)))
      let ordinary = left.filter { $0 <= step && (retention.every == 0 || $0 % retention.every != 0) }
      try #require(ordinary.subtracting([best ?? -1]).count <= last)
      (present, damaged) = (left, damaged.intersection(left))
    }
  }
}

/// Steele, Lea and Flood 2014; the same histories in every run.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
