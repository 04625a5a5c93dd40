/// Who is connected, and what is remembered of workers beyond their connections.
struct Roster {
  /// What outlives a connection.
  struct Record {
    var strikes = 0
    var lastCrash = 0
    var quarantine: String?
    /// Tasks that went to someone else because of it.
    var retries = 0
    /// As it was when it was quarantined.
    var turnedAway: Worker?
    /// Whom the name belongs to.
    var owner: Owner?
    /// When it was last changed.
    var touched = Duration.zero
  }

  /// In the order in which they registered, so that all that goes through them is deterministic.
  var workers: [Worker] = []
  private var places: [Peer: Int] = [:]
  private var names: [String: Peer] = [:]
  private(set) var records: [String: Record] = [:]
  private var now = Duration.zero
  private var lastSweep = Duration.zero

  /// Records kept of workers that are gone, so that whoever invents names fills nothing.
  static let mostRecords = 1000

  func place(of peer: Peer) -> Int? { places[peer] }
  func place(named name: String) -> Int? { names[name].flatMap { places[$0] } }

  mutating func add(_ worker: Worker) {
    if let owner = records[worker.name]?.owner, !owner.isSame(as: worker.owner) {
      // The name has gone to another; what was known of its last owner concerns nobody any more.
      records[worker.name] = nil
    }
    places[worker.peer] = workers.count
    names[worker.name] = worker.peer
    workers.append(worker)
  }

  mutating func remove(at place: Int) -> Worker {
    let worker = workers.remove(at: place)
    places[worker.peer] = nil
    names[worker.name] = nil
    for later in place..<workers.count { places[workers[later].peer] = later }
    return worker
  }

  mutating func record<Result>(_ name: String, _ change: (inout Record) -> Result) -> Result {
    if records[name] == nil, records.count >= Self.mostRecords { forgetOldest(Self.mostRecords / 10) }
    records[name, default: Record()].touched = now
    return change(&records[name, default: Record()])
  }

  /// Keeps a name for the worker that leaves.
  mutating func bind(_ worker: Worker) { record(worker.name) { $0.owner = worker.owner } }

  /// Whom a name belongs to that is taken, or was until lately.
  func holder(of name: String, keptFor time: Duration) -> Owner? {
    if let place = place(named: name) { return workers[place].owner }
    guard let record = records[name], record.quarantine == nil, now - record.touched < time else {
      return nil
    }
    return record.owner
  }

  /// Why this owner's worker is shut out.
  func quarantine(of name: String, _ owner: Owner) -> String? {
    guard let record = records[name], record.owner?.isSame(as: owner) ?? true else { return nil }
    return record.quarantine
  }

  /// How many tasks all active workers may hold together, and the cores that they say they have, as far as those are
  /// earned.
  var totals: (credit: Int, cores: Int) {
    var totals = (credit: 0, cores: 0)
    for place in workers.indices where workers[place].stage == .active {
      let credit = workers[place].credit
      totals.credit += credit
      totals.cores += min(workers[place].cores, credit)
    }
    return totals
  }

  var hasActive: Bool { workers.contains { $0.stage == .active } }

  // MARK: forgetting

  /// To be called with the time before anything else; looks once a minute.
  mutating func forget(olderThan age: Duration, _ now: Duration) {
    self.now = now
    guard now - lastSweep >= .seconds(60) else { return }
    lastSweep = now
    records = records.filter { now - $0.value.touched < age || names[$0.key] != nil }
  }

  /// Several at once, since looking for them takes as long as there are many.
  private mutating func forgetOldest(_ count: Int) {
    let absent = records.filter { names[$0.key] == nil }
    let oldest = absent.sorted { ($0.value.touched, $0.key) < ($1.value.touched, $1.key) }
    for (name, _) in oldest.prefix(count) { records[name] = nil }
  }
}
