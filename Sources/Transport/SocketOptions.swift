/// What a socket is told before it binds or connects, after which libzmq ignores most of it.
public struct SocketOptions: Sendable {
  /// The longest frame taken, in bytes. A peer that sends a longer one loses its connection.
  public var largestMessage = 4 << 20
  /// Messages queued for one peer before sending to it fails. Above what the largest worker may be given at once.
  public var sendQueue: Int32 = 4096
  /// Messages received by a dealer and not yet handled before the router is made to wait; 0 for no limit. A router has
  /// no such limit: its input must never stop (`RouterLoop`), and `Budget` bounds what it holds.
  public var receiveQueue: Int32 = 0
  /// How long closing waits for what is still queued.
  public var linger: Duration = .seconds(1)
  /// How often the kernel probes a silent connection (TCP keep-alive), which finds hosts that vanished; zero for never.
  /// libzmq's own heartbeats stay off: they abort the process where a connection breaks whose input is stopped
  /// (libzmq 4.3.4, stream_engine_base.cpp:331).
  public var probeInterval: Duration = .seconds(2)
  /// Time without any acknowledgement after which a connection counts as broken.
  public var probeTimeout: Duration = .seconds(10)
  /// Least and most time between attempts to connect again.
  public var reconnectInterval: ClosedRange<Duration> = .milliseconds(50) ... .seconds(2)
  /// What a router may hold of its peers' messages.
  public var budget = Budget()
  public var security = Security.none

  public init() {}
}

/// Bounds on what a router's peers can make it hold. Whoever goes beyond is disconnected.
public struct Budget: Sendable {
  /// Bytes of all peers together, in and out each: messages that wait for the handler, parts of messages that have not
  /// ended, and messages that a peer has not acknowledged.
  public var total = 256 << 20
  /// Bytes of one peer, each way.
  public var share = 64 << 20
  /// Connections at a time. Beyond, whoever has been silent for longest leaves.
  public var connections = 4096
  /// What a message costs beside its bytes.
  static let overhead = 512

  public init() {}
}
