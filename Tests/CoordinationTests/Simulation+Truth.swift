import Messages
import Numerics

/// What tasks come to in a simulation.
extension Simulation {
  /// What a unit comes to; nil where all its tasks diverge by themselves.
  static func truth(_ unit: TaskID) -> UInt64? {
    let hashes = unit.tasks.map { taskTruth(TaskID(unit.round, $0)) }
    if unit.block == 1 { return hashes[0] }
    guard hashes.contains(where: { $0 != nil }) else { return nil }
    return hashes.reduce(1) { ($0 &* 31 &+ ($1 ?? 0)) | 1 }
  }

  /// The tasks of a unit that diverge by themselves.
  static func leftOut(_ unit: TaskID) -> [Int] {
    unit.tasks.filter { taskTruth(TaskID(unit.round, $0)) == nil }
  }

  private static func taskTruth(_ task: TaskID) -> UInt64? {
    var random = Philox(key: UInt64(task.round.step) << 32 | UInt64(task.index), stream: 1)
    let hash = random.next() | 1
    return task.round.kind == .training && hash % 100 < 6 ? nil : hash
  }
}
