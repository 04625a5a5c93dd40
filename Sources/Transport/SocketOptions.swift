/// What a socket is told before it binds or connects, after which libzmq ignores most of it.
public struct SocketOptions: Sendable {
  /// The longest message taken, in bytes. A peer that sends a longer one loses its connection.
  public var largestMessage = 4 << 20
  /// Messages queued for one peer before sending to it fails. Above what the largest worker may be given at once.
  public var sendQueue: Int32 = 4096
  /// Messages received from one peer and not yet handled before it is made to wait.
  public var receiveQueue: Int32 = 16
  /// How long closing waits for what is still queued.
  public var linger: Duration = .seconds(1)
  /// How often a silent connection is probed (ZMTP's PING), which finds hosts that vanished.
  public var probeInterval: Duration = .seconds(2)
  /// Silence after which a connection counts as broken.
  public var probeTimeout: Duration = .seconds(10)
  /// Least and most time between attempts to connect again.
  public var reconnectInterval: ClosedRange<Duration> = .milliseconds(50) ... .seconds(2)

  public init() {}
}
