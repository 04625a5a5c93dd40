import Platform

/// When what failed for a reason that may pass, such as a full disk, is tried again: after a pause that doubles with each
/// failure of the same name, up to the longest.
package struct Retries {
  private struct Entry {
    var failures = 0
    var notBefore = Deadline.now
    var reasons: Set<String> = []
  }

  /// Seconds of the first and of the longest pause.
  package let pauses: ClosedRange<Double>
  private var entries: [PathKey: Entry] = [:]

  package init(pauses: ClosedRange<Double>) { self.pauses = pauses }

  /// Counts a failure.
  /// - Returns: whether this name failed for this reason for the first time, so that it should be said.
  package mutating func postpone(_ name: String, because reason: String, now: Deadline = .now) -> Bool {
    var entry = entries[PathKey(name)] ?? Entry()
    entry.notBefore = now.adding(pause(after: entry.failures))
    entry.failures += 1
    // A reason that never is the same must not fill memory.
    let isNews = entry.reasons.count < 8 && entry.reasons.insert(reason).inserted
    entries[PathKey(name)] = entry
    return isNews
  }

  package func isDue(_ name: String, now: Deadline = .now) -> Bool {
    entries[PathKey(name)].map { $0.notBefore <= now } ?? true
  }

  package mutating func forget(_ name: String) { entries[PathKey(name)] = nil }

  /// Forgets all names but these.
  package mutating func keep(_ names: Set<PathKey>) { entries = entries.filter { names.contains($0.key) } }

  /// Seconds, 0 failures giving the first pause.
  package func pause(after failures: Int) -> Double {
    var pause = pauses.lowerBound
    for _ in 0..<min(failures, 64) { pause = min(2 * pause, pauses.upperBound) }
    return pause
  }
}
