/// Whether tasks diverge too often, over the last so many in the order of the fold.
struct Divergence {
  private var recent: [Bool] = []
  private var next = 0
  private(set) var count = 0

  mutating func note(_ diverged: Bool, span: Int) {
    if recent.count < span {
      recent.append(diverged)
    } else {
      if recent[next] { count -= 1 }
      recent[next] = diverged
    }
    if diverged { count += 1 }
    next = (next + 1) % span
  }

  /// Measured against the whole span from the start, so that a few early ones do not stop a run.
  func isTooMuch(_ policy: Policy) -> Bool {
    Double(count) > policy.divergedShare * Double(policy.divergenceSpan)
  }
}
