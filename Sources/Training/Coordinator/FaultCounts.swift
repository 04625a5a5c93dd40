import Coordination
import RunDirectory

/// How often things went wrong that the state machine does not count itself, told by its notes.
package struct FaultCounts: Equatable {
  package var leaseWaits = 0
  package private(set) var quarantines = 0, reconnections = 0
  /// Workers that have joined.
  private var known: Set<String> = []

  /// Names beyond that are not told apart, so that no number of strangers fills the memory.
  private static let mostNames = 10_000

  package init() {}

  package mutating func count(_ note: Note) {
    switch note {
    case .quarantined: quarantines += 1
    case .joined(let worker, _, _):
      if known.contains(worker) {
        reconnections += 1
      } else if known.count < Self.mostNames {
        known.insert(worker)
      }
    default: break
    }
  }

  /// Together with the state machine's counters, as the status file shows them.
  package func shown(_ counters: Counters) -> RunStatus.Faults {
    RunStatus.Faults(
      refused: [
        "broken": counters.broken, "stale": counters.stale, "late": counters.late,
        "duplicate": counters.duplicates,
      ],
      reissued: counters.reissued, replays: counters.replays, diverged: counters.diverged,
      restarts: counters.restarts, lost: counters.lost, quarantines: quarantines,
      reconnections: reconnections, leaseWaits: leaseWaits)
  }
}
