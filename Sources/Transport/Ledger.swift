import Platform

/// What is known of a router's connections, and which of them is to be cut. Decides by numbers alone.
///
/// libzmq shows a message of several frames only once it is whole, and keeps what it has of it without a limit. So the
/// kernel's count of the bytes that came is held against what arrived here: a connection over which bytes come and no
/// message ever ends is seen from outside.
struct Ledger {
  struct Entry {
    let connection: TCPConnection
    var peer: Router.Peer?
    var lastSpoke: Deadline
    /// Whether a message arrived since the last look.
    var hasDelivered = false
    /// The kernel's count when a message last arrived, and bytes since.
    var mark: UInt64 = 0
    var unfinished = 0
    /// Bytes given to libzmq since `base`, the kernel's count of what was acknowledged; those that no other peer shares.
    var handed = 0
    var own = 0
    var base: UInt64 = 0
  }

  private(set) var entries: [Int32: Entry] = [:]
  private var descriptors: [Router.Peer: Int32] = [:]
  /// Bytes that were given to libzmq and not acknowledged when `look` last looked, and those given since.
  private(set) var unread = 0
  private let options: SocketOptions

  init(_ options: SocketOptions) { self.options = options }

  var isEmpty: Bool { entries.isEmpty }

  func connection(of peer: Router.Peer) -> TCPConnection? {
    descriptors[peer].flatMap { entries[$0]?.connection }
  }

  // MARK: coming and going

  /// - Returns: the connection to be cut in exchange where there are too many.
  mutating func accept(_ connection: TCPConnection, now: Deadline) -> TCPConnection? {
    entries[connection.descriptor] = Entry(connection: connection, lastSpoke: now)
    guard entries.count > options.budget.connections else { return nil }
    let quietest = entries.values.min { Self.isQuieter($0, $1) }
    return quietest?.connection
  }

  /// Whoever never said anything before whoever did, then by time.
  private static func isQuieter(_ one: Entry, _ other: Entry) -> Bool {
    if (one.peer == nil) != (other.peer == nil) { return one.peer == nil }
    return one.lastSpoke < other.lastSpoke
  }

  /// - Returns: the peer whose connection this was.
  mutating func lose(_ descriptor: Int32) -> Router.Peer? {
    guard let peer = entries.removeValue(forKey: descriptor)?.peer else { return nil }
    if descriptors[peer] == descriptor { descriptors[peer] = nil }
    return peer
  }

  enum Standing: Equatable {
    case known
    /// The peer's first message. The descriptor may have belonged to another's connection until now.
    case first(instead: Router.Peer?)
    /// What its connection left behind when it broke.
    case gone
  }

  /// A message arrived over this connection; -1 stands for one that has no descriptor.
  mutating func note(_ peer: Router.Peer, on descriptor: Int32, now: Deadline) -> Standing {
    guard let entry = entries[descriptor] else { return descriptor < 0 ? .known : .gone }
    entries[descriptor]?.peer = peer
    entries[descriptor]?.lastSpoke = now
    entries[descriptor]?.hasDelivered = true
    if entry.peer == peer { return .known }
    if let last = entry.peer { descriptors[last] = nil }
    descriptors[peer] = descriptor
    return .first(instead: entry.peer)
  }

  // MARK: what comes in

  enum Excess: Equatable {
    case unfinished(Int)
    case total
  }

  /// The most that may be on its way to becoming a message: two frames and what the kernel holds.
  private var largestUnfinished: Int { 2 * options.largestMessage + 16 << 20 }

  /// To be called ten times a second while there are connections.
  ///
  /// - Parameter bytes: the kernel's counts; nil where it has none.
  mutating func look(_ bytes: (TCPConnection) -> TCPConnection.Bytes?) -> [(Entry, Excess)] {
    var excess: [(Entry, Excess)] = []
    var (total, worst) = (0, Entry?.none)
    unread = 0
    for descriptor in entries.keys {
      guard var entry = entries[descriptor], let bytes = bytes(entry.connection) else { continue }
      if entry.hasDelivered || bytes.received < entry.mark { entry.mark = bytes.received }
      entry.hasDelivered = false
      entry.unfinished = Int(clamping: bytes.received - entry.mark)
      entry.settle(bytes.acknowledged)
      entries[descriptor] = entry
      if entry.unfinished > largestUnfinished { excess.append((entry, .unfinished(entry.unfinished))) }
      unread += entry.own
      let held = entry.unfinished + entry.own
      total += held
      if held > worst.map({ $0.unfinished + $0.own }) ?? 0 { worst = entry }
    }
    if excess.isEmpty, total > options.budget.total, let worst { excess.append((worst, .total)) }
    return excess
  }

  // MARK: what goes out

  /// Whether the peer may be sent so many bytes more.
  mutating func canTake(
    _ count: Int, _ peer: Router.Peer, _ bytes: (TCPConnection) -> TCPConnection.Bytes?
  ) -> Bool {
    guard let descriptor = descriptors[peer], var entry = entries[descriptor] else { return true }
    guard entry.handed + count > options.budget.share, let now = bytes(entry.connection) else { return true }
    entry.settle(now.acknowledged)
    entries[descriptor] = entry
    // One message may be larger than the share.
    return entry.handed == 0 || entry.outstanding(now.acknowledged) + count <= options.budget.share
  }

  /// - Parameter isShared: the bytes are kept once for several peers.
  mutating func noteSent(_ count: Int, to peer: Router.Peer, isShared: Bool) {
    guard let descriptor = descriptors[peer] else { return }
    entries[descriptor]?.handed += count
    guard !isShared else { return }
    entries[descriptor]?.own += count
    unread += count
  }
}

extension Ledger.Entry {
  /// Bytes that the peer has not acknowledged.
  func outstanding(_ acknowledged: UInt64) -> Int { max(0, handed - Int(clamping: acknowledged &- base)) }

  /// Counts anew where nothing is outstanding: the kernel's count has framing in it that ours lacks.
  fileprivate mutating func settle(_ acknowledged: UInt64) {
    let rest = outstanding(acknowledged)
    own = min(own, rest)
    if rest == 0 { (handed, base) = (0, acknowledged) }
  }
}
