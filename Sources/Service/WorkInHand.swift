import Synchronization

/// Work that a client waits for: whether the result is still wanted, and how far the work has come. The code that does the
/// work calls `advance` between tiles and steps, so that a client that hangs up frees its place within a second.
public final class WorkInHand: Sendable, Equatable {
  private let cancelled = Atomic(false)
  private let thousandths = Atomic(0)

  public init() {}

  /// True once nobody waits for the result.
  public var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

  /// The done share of the work, 0 to 1, in steps of 0.001.
  public var share: Double { Double(thousandths.load(ordering: .relaxed)) / 1000 }

  public func cancel() { cancelled.store(true, ordering: .relaxed) }

  /// Reports the done share of the work, 0 to 1.
  /// - Throws: `WorkCancelled` where nobody waits for the result.
  public func advance(to share: Double) throws(WorkCancelled) {
    if share.isFinite { thousandths.store(Int(min(max(share, 0), 1) * 1000), ordering: .relaxed) }
    if isCancelled { throw WorkCancelled() }
  }

  /// Always true: two orders are equal where they ask for the same.
  public static func == (_: WorkInHand, _: WorkInHand) -> Bool { true }
}

/// Thrown out of work whose client has gone or whose time is up.
public struct WorkCancelled: Error, Equatable, Sendable, CustomStringConvertible {
  public init() {}

  public var description: String { "the work was stopped, since nobody waits for its result any more" }
}
