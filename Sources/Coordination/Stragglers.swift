/// How long tasks take, and from when on one is slow.
struct Stragglers {
  private static let remembered = 64
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

  /// A task that takes longer is given to an idle worker too. Known from the first step on, so that whoever takes tasks
  /// and never answers holds nobody up.
  func threshold(_ policy: Policy) -> Duration {
    guard !durations.isEmpty else { return policy.firstPatience }
    let median = durations.sorted()[durations.count / 2]
    return max(policy.stragglerFloor, median * policy.stragglerMultiple)
  }
}
