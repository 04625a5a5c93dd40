/// Lets a few events a minute through and counts the others, so that strangers cannot fill a log.
struct Throttle {
  private static let most = 20
  private static let span = Duration.seconds(60)
  private var begin = Duration.zero
  private var count = 0

  /// - Returns: whether this one is told, and how many were not in the minute before.
  mutating func pass(_ now: Duration) -> (isTold: Bool, missed: Int) {
    var missed = 0
    if now - begin >= Self.span {
      missed = max(0, count - Self.most)
      (begin, count) = (now, 0)
    }
    count += 1
    return (count <= Self.most, missed)
  }
}
