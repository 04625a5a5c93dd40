/// Lets a few events a minute through and counts the others, so that strangers cannot fill a log.
struct Throttle {
  private let most: Int
  private static let span = Duration.seconds(60)
  private var begin = Duration.zero
  private var count = 0

  /// - Parameter most: events let through a minute.
  init(most: Int) { self.most = most }

  /// - Returns: whether this one is told, and how many were not in the minute before.
  mutating func pass(_ now: Duration) -> (isTold: Bool, missed: Int) {
    var missed = 0
    if now - begin >= Self.span {
      missed = max(0, count - most)
      (begin, count) = (now, 0)
    }
    count += 1
    return (count <= most, missed)
  }
}
