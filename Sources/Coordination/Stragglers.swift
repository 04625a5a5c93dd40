/// How long tasks take, and from when on one is slow.
struct Stragglers {
  private static let remembered = 64
  /// Too few say nothing.
  private static let fewest = 5
  private var durations: [Duration] = []
  private var next = 0

  mutating func note(_ duration: Duration) {
    if durations.count < Self.remembered {
      durations.append(duration)
    } else {
      durations[next] = duration
    }
    next = (next + 1) % Self.remembered
  }

  /// Nil while too little is known.
  func threshold(_ policy: Policy) -> Duration? {
    guard durations.count >= Self.fewest else { return nil }
    let median = durations.sorted()[durations.count / 2]
    return max(policy.stragglerFloor, median * policy.stragglerMultiple)
  }
}
