import Coordination
import Messages

/// A worker process as the coordinator may meet it.
struct SimulatedWorker {
  let name: String
  let cores: Int
  let isHonest: Bool
  var peer: Peer = []
  var isStopped = false
  var owesCanary = false
  var outgoing: [Event] = []
  private var tasks: [TaskID] = []
  private var step: Int?
  private(set) var work: Work?

  init(name: String, cores: Int, isHonest: Bool) {
    (self.name, self.cores, self.isHonest) = (name, cores, isHonest)
  }

  var canWork: Bool { owesCanary || tasks.contains { $0.round.step == step } }

  /// A new connection: what was on its way is lost.
  mutating func startAgain(peer: Peer) {
    self = SimulatedWorker(name: name, cores: cores, isHonest: isHonest)
    self.peer = peer
  }

  /// True where it is to register again.
  mutating func take(_ order: Order) -> Bool {
    switch order {
    case .welcome: owesCanary = true
    case .parameters(let step): self.step = step
    case .task(let task, _): tasks.append(task)
    case .cancel(let task): tasks.removeAll { $0 == task }
    case .registerAgain: return true
    case .reject(let rejection): return rejection.mayTryAgain
    case .shutdown: break
    }
    return false
  }

  mutating func nextTask() -> TaskID? {
    guard let i = tasks.firstIndex(where: { $0.round.step == step }) else { return nil }
    work = Work(task: tasks[i], stepsDone: 1)
    return tasks.remove(at: i)
  }
}
