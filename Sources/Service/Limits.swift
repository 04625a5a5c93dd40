/// What the service takes on at a time.
public struct Limits: Sendable {
  /// Bytes of one body.
  public var body = 64 << 20
  /// Bytes of all bodies that are held at a time.
  public var bodies = 512 << 20
  /// Orders worked on at a time, one core each.
  public var jobs = 1
  /// Orders that wait.
  public var waiting = 64
  /// Orders of one client that wait or are worked on.
  public var ordersOfOneClient = 48
  /// Seconds from an order's arrival to its answer.
  public var work = 120
  /// Seconds in which a request's head must arrive, and a connection may be idle.
  public var head = 10
  /// Seconds in which a body must arrive.
  public var upload = 60
  /// Seconds in which a reader must take another 128 KiB.
  public var download = 30
  /// Seconds in which what is left of a body is thrown away once its request is answered, so that its sender reads why.
  public var farewell = 5
  /// Far above what a fleet and its readers hold open, and far below what costs memory. Others wait to be accepted.
  public var connections = 512
  /// Connections of one client; further ones are closed at once.
  public var connectionsOfOneClient = 256
  /// Readers of events at a time.
  public var streams = 64
  /// Seconds after which a stream of events ends; its reader opens another.
  public var stream = 600.0
  /// Requests a second of one client, in the long run.
  public var rate = 200.0
  /// Requests of one client at once.
  public var burst = 1000.0

  public init(jobs: Int) { self.jobs = jobs }
}
