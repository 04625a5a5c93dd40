/// Who is connected, and what is remembered of workers beyond their connections.
struct Roster {
  /// What outlives a connection, kept only for workers that gave cause.
  struct Record {
    var strikes = 0
    var lastCrash = 0
    var quarantine: String?
    /// Tasks that went to someone else because of it.
    var retries = 0
    /// As it was when it was quarantined.
    var turnedAway: Worker?
  }

  /// In the order in which they registered, so that all that goes through them is deterministic.
  var workers: [Worker] = []
  private var places: [Peer: Int] = [:]
  private(set) var records: [String: Record] = [:]

  func place(of peer: Peer) -> Int? { places[peer] }
  func place(named name: String) -> Int? { workers.firstIndex { $0.name == name } }

  mutating func add(_ worker: Worker) {
    places[worker.peer] = workers.count
    workers.append(worker)
  }

  mutating func remove(at place: Int) -> Worker {
    let worker = workers.remove(at: place)
    places[worker.peer] = nil
    for later in place..<workers.count { places[workers[later].peer] = later }
    return worker
  }

  mutating func record<Result>(_ name: String, _ change: (inout Record) -> Result) -> Result {
    change(&records[name, default: Record()])
  }

  func quarantine(of name: String) -> String? { records[name]?.quarantine }

  /// Of all workers that get tasks.
  var totalCredit: Int {
    var total = 0
    for place in workers.indices where workers[place].stage == .active { total += workers[place].credit }
    return total
  }
}
