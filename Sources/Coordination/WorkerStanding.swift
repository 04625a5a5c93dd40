/// What a coordinator knows of a worker, for people to look at.
public struct WorkerStanding: Equatable, Sendable {
  public enum Stage: Equatable, Sendable {
    /// Connected; whether it computes the same as everybody is not known yet.
    case canary
    case active
    /// Turned away for good, and why.
    case quarantined(String)
  }

  public let name: String
  public let host: String
  public let cores: Int
  public let instructionSet: String
  public let stage: Stage
  /// Results that it has sent since it connected.
  public let done: Int
  /// Tasks that went to someone else because it was lost, slow or wrong.
  public let retries: Int
  /// On the clock of `Coordinator.handle`.
  public let lastHeard: Duration

  init(_ worker: Worker, _ record: Roster.Record?) {
    (name, host, cores) = (worker.name, worker.host, worker.cores)
    (instructionSet, done, lastHeard) = (worker.instructionSet, worker.done, worker.lastHeard)
    retries = record?.retries ?? 0
    stage = record?.quarantine.map(Stage.quarantined) ?? (worker.stage == .active ? .active : .canary)
  }
}

extension Coordinator {
  /// A status is written every second and read by browsers.
  static let mostStandings = 256

  /// Those connected in the order in which they came, then those that were quarantined while connected, by name. Not more
  /// than `mostStandings` of either; of too many connected ones, those that get tasks.
  public var standings: [WorkerStanding] {
    let most = Self.mostStandings
    let isMany = roster.workers.count > most
    let listed = isMany ? roster.workers.filter { $0.stage == .active } : roster.workers
    let connected = listed.prefix(most).map { WorkerStanding($0, roster.records[$0.name]) }
    let turnedAway = roster.records.values.compactMap { record in
      record.turnedAway.map { WorkerStanding($0, record) }
    }
    return connected + turnedAway.sorted { $0.name < $1.name }.prefix(most)
  }
}
