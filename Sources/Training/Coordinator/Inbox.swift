import Coordination
import Messages
import Platform
import Transport

/// Judges results on the socket's thread: what is costly about it (norms, checksums) needs no state of the machine.
/// `@unchecked`: `OuterLoop.verdict` reads nothing that changes.
struct OuterLoopJudge: @unchecked Sendable {
  private let outer: OuterLoop

  init(_ outer: OuterLoop) { self.outer = outer }

  func quality(of result: TaskResult) -> ResultReport.Quality {
    switch outer.verdict(of: result) {
    case .sound: .sound
    case .suspicious(let why): .unsound(why)
    case .partial(let tasks): .partial(OuterLoop.text(leftOut: tasks))
    case .broken(let why): .broken(why)
    }
  }
}

/// What happened and waits to be handled. Results are few at a time: the router's handler waits while the coordinator is
/// behind, and the router's budget bounds what waits before it.
final class Inbox: Sendable {
  enum Event: Sendable {
    case machine(Coordination.Event)
    case result(Peer, TaskResult, ResultReport.Quality)
    case replayed(TaskID, Replay.Outcome)
    /// A line for the log.
    case note(String)
    /// A checkpoint is to be written now.
    case save
    /// No process of this machine will compute any more, for this reason.
    case deserted(String)
    case failed(TransportError)
  }

  private static let limit = 64
  private let events = Monitor<[Event]>([])
  private let judge: OuterLoopJudge
  /// Where connections come from; of those that have said something and are not gone.
  private let origins = Monitor<[Peer: Credentials]>([:])

  init(_ judge: OuterLoopJudge) { self.judge = judge }

  func add(_ event: Coordination.Event) { add(Event.machine(event)) }

  func add(_ event: Event) { events.update { $0.append(event) } }

  /// All that is there, at the latest after some seconds with nothing.
  func wait(atMost seconds: Double) -> [Event] {
    let due = events.wait(until: .after(seconds)) { $0.isEmpty ? nil : $0 }
    if let due { events.update { $0.removeFirst(due.count) } }
    return due ?? []
  }

  /// From the router's handler.
  func take(_ event: Router.Event) {
    switch event {
    case .arrived(let peer, let origin):
      origins.update { $0[peer] = Credentials(address: origin.address, key: origin.user) }
      return
    case .dropped(let line): add(.note(line))
    case .malformed(let peer): add(.unreadable(peer, .unreadable(count: 0)))
    case .unreachable(let peer):
      origins.update { $0[peer] = nil }
      add(.unreachable(peer))
    case .failed(let error): add(Event.failed(error))
    case .received(let peer, let bytes):
      do { add(self.event(try WorkerMessage(decoding: bytes), peer)) } catch { add(.unreadable(peer, error)) }
    }
    _ = events.wait(until: .after(5)) { $0.count < Self.limit ? true : nil }
  }

  private func event(_ message: WorkerMessage, _ peer: Peer) -> Event {
    switch message {
    case .registration(let registration):
      .machine(.registered(peer, registration, origins.update { $0[peer] ?? Credentials() }))
    case .canary(let hash): .machine(.canary(peer, hash: hash))
    case .heartbeat(let work): .machine(.heartbeat(peer, work))
    case .goodbye: .machine(.goodbye(peer))
    case .report(let report): .machine(.reported(peer, report))
    case .result(let result): .result(peer, result, judge.quality(of: result))
    }
  }
}
