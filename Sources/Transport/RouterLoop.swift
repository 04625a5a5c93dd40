internal import CZeroMQ
import Platform
import Synchronization

/// What the router's thread does. `@unchecked`: made by one thread and used by that of the socket alone.
///
/// Its input never stops: whatever libzmq has is taken out at once, whether or not the handler keeps up. Where libzmq stops
/// reading a connection because a queue is full, and the connection breaks meanwhile, a heartbeat or a PING among what it had
/// read aborts the process (libzmq 4.3.4, `zmq_assert (!_io_error)`; its issue 4364).
final class RouterLoop: @unchecked Sendable {
  private var sockets: (router: Socket, monitor: SocketMonitor)?
  private let wakeUp: WakeUp
  private let outbox: Outbox<Outgoing>
  private let backlog: Backlog
  private let arrivals: Arrivals
  private var ledger: Ledger
  /// Cut, and not yet gone: what still comes from them is not wanted.
  private var unwanted: Set<Router.Peer> = []
  /// Gone in this turn; messages of theirs may still be on the way.
  private var lost: [Router.Peer] = []
  private var nextLook = Deadline.now
  /// Keys of those that were let in by theirs, and who decides whether they still are.
  private var keys: [Router.Peer: PublicKey] = [:]
  private let security: Security
  private var nextRevision = Deadline.now
  private var cuts = CutLog()

  static let events = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED
  /// Seconds from one look at the connections to the next: what a gigabyte a second brings in meanwhile is bearable.
  private static let pause = 0.1
  private static let mostUnwanted = 10_000

  init(
    _ socket: Socket, _ monitor: SocketMonitor, _ wakeUp: WakeUp, _ outbox: Outbox<Outgoing>,
    _ backlog: Backlog, _ arrivals: Arrivals, _ options: SocketOptions
  ) {
    (sockets, self.wakeUp, self.outbox, self.backlog) = ((socket, monitor), wakeUp, outbox, backlog)
    (self.arrivals, ledger, security) = (arrivals, Ledger(options), options.security)
  }

  func run() {
    guard let (socket, monitor) = sockets else { return }
    sockets = nil  // closed when this function ends
    do { try exchange(socket, monitor) } catch { arrivals.fail(error) }
  }

  private func exchange(_ socket: Socket, _ monitor: SocketMonitor) throws(TransportError) {
    while true {
      try wakeUp.wait(for: [socket, monitor.socket], atMost: ledger.isEmpty ? nil : Self.pause)
      let (messages, isClosed) = outbox.take()
      for message in messages {
        try send(message, socket)
        if case .bytes(let bytes) = message.content {
          backlog.queued.subtract(bytes.count, ordering: .relaxed)
        }
      }
      backlog.unread.store(ledger.unread, ordering: .relaxed)
      if isClosed { return }
      try follow(monitor)
      try receive(socket, monitor)
      for peer in lost { forget(peer) }
      lost = []
      if nextLook < .now { look() }
    }
  }

  private func send(_ message: Outgoing, _ socket: Socket) throws(TransportError) {
    let content = try message.content.frame()
    let count = content.count
    for peer in message.peers {
      guard ledger.canTake(count, peer, { $0.bytes }) else {
        cut(peer, "it does not read what it is sent")
        continue
      }
      guard try socket.send(Frame(peer), last: false) == .sent,
        try socket.send(Frame(sharing: content)) == .sent
      else {
        put(.unreachable, peer)
        continue
      }
      ledger.noteSent(count, to: peer, isShared: message.isShared)
    }
  }

  // MARK: connections

  private func follow(_ monitor: SocketMonitor) throws(TransportError) {
    while let report = try monitor.next() {
      if let peer = ledger.lose(report.value) { lost.append(peer) }
      guard report.event == ZMQ_EVENT_ACCEPTED, let connection = TCPConnection(report.value) else { continue }
      if let quietest = ledger.accept(connection, now: .now) {
        cut(quietest, ledger.entries[quietest.descriptor]?.peer, "there are too many connections")
      }
    }
  }

  private func forget(_ peer: Router.Peer) {
    unwanted.remove(peer)
    keys[peer] = nil
    put(.unreachable, peer)
  }

  private func look() {
    nextLook = .after(Self.pause)
    for (entry, excess) in ledger.look({ $0.bytes }) {
      let why =
        switch excess {
        case .unfinished(let count): "\(count) bytes of it came without the end of a message"
        case .total: "all peers together have too much under way, and it the most"
        }
      cut(entry.connection, entry.peer, why)
    }
    backlog.unread.store(ledger.unread, ordering: .relaxed)
    if nextRevision < .now { revise() }
    if let line = cuts.due() { put(.dropped(line), []) }
  }

  /// Cuts connections of keys that have left the list.
  private func revise() {
    nextRevision = .after(1)
    guard case .server(_, let gatekeeper, let role) = security else { return }
    for (peer, key) in keys where gatekeeper.name(of: key, as: role) == nil {
      cut(peer, "its key is not allowed any more")
    }
  }

  private func cut(_ peer: Router.Peer, _ why: String) { cut(ledger.connection(of: peer), peer, why) }

  private func cut(_ connection: TCPConnection?, _ peer: Router.Peer?, _ why: String) {
    if let peer {
      // Those whose connections were gone already stay in it, so it does not grow for ever.
      if unwanted.count > Self.mostUnwanted { unwanted = [] }
      guard unwanted.insert(peer).inserted else { return }
      arrivals.forget(peer)
      put(.unreachable, peer)
    }
    connection?.cut()
    if let line = cuts.add(why) { put(.dropped(line), []) }
  }

  // MARK: messages

  /// Takes what is there, but looks after the rest now and then.
  private func receive(_ socket: Socket, _ monitor: SocketMonitor) throws(TransportError) {
    let now = Deadline.now
    for _ in 0..<1024 {
      guard let frames = try socket.receive() else { return }
      let peer = frames[0].withBytes { Router.Peer($0) }
      if !unwanted.contains(peer) { try take(Array(frames.dropFirst()), of: peer, now, monitor) }
    }
  }

  private func take(
    _ content: [Frame], of peer: Router.Peer, _ now: Deadline, _ monitor: SocketMonitor
  ) throws(TransportError) {
    // The name's own frame carries nothing of the connection.
    let descriptor = content.first?.descriptor ?? -1
    var standing = ledger.note(peer, on: descriptor, now: now)
    if standing == .gone {
      // Or it has just come: libzmq tells of a connection before its first message.
      try follow(monitor)
      standing = ledger.note(peer, on: descriptor, now: now)
    }
    if case .first(let last) = standing {
      if let last { forget(last) }
      keys[peer] = content.first?.user?.key
      put(.arrived(content.first?.origin ?? Router.Origin()), peer)
    }
    put(.message(content), peer, bytes: content.reduce(0) { $0 + $1.count })
    if standing == .gone { put(.unreachable, peer) }
  }

  private func put(_ item: Arrivals.Item, _ peer: Router.Peer, bytes: Int = 0) {
    guard let greedy = arrivals.add(item, of: peer, bytes: bytes) else { return }
    cut(greedy, "more of its messages wait than may")
  }
}

/// Cut connections, told in one line a second at most.
struct CutLog {
  private var isQuietUntil = Deadline.now
  private var waiting = 0
  private var lastReason = ""

  /// The line to write now; nil where it is too early.
  mutating func add(_ why: String) -> String? {
    waiting += 1
    lastReason = why
    return due()
  }

  mutating func due() -> String? {
    guard waiting > 0, isQuietUntil < .now else { return nil }
    defer { (waiting, isQuietUntil) = (0, .after(1)) }
    return waiting == 1
      ? "a connection was cut: \(lastReason)"
      : "\(waiting) connections were cut, the last because \(lastReason)"
  }
}
