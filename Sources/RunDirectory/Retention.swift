/// Which checkpoints are kept when a new one has been written.
public struct Retention: Sendable, Equatable {
  /// How many of the newest, at least 1.
  public let last: Int
  /// Steps divisible by this are kept for good; 0 for none.
  public let every: Int

  public init(last: Int = 3, every: Int = 0) { (self.last, self.every) = (max(last, 1), max(every, 0)) }

  /// The steps to remove now that `written` is safe on disk.
  ///
  /// Later ones stay, as they are beyond what this training has seen: it went back behind them because it could not
  /// read them, and will write them again or pass them. Damaged ones do not count as kept.
  ///
  /// - Parameter best: the step that measured best, kept besides.
  package func expendable(_ steps: [Int], written: Int, damaged: Set<Int>, best: Int? = nil) -> [Int] {
    let past = steps.filter { $0 <= written }.sorted()
    var kept = Set(past.filter { !damaged.contains($0) }.suffix(last))
    if let best { kept.insert(best) }
    return past.filter { !kept.contains($0) && $0 != written && (every == 0 || $0 % every != 0) }
  }
}
