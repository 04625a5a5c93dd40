import Testing

/// Counts how often work looks whether it is still wanted, and ends it at one of the looks.
public final class Looks<Stop: Error & Equatable> {
  public private(set) var count = 0
  private let stop: Stop
  private let last: Int?

  /// - Parameter last: the look that ends the work, from 1; nil for none.
  public init(ending stop: Stop, at last: Int? = nil) { (self.stop, self.last) = (stop, last) }

  public func look() throws(Stop) {
    count += 1
    if count == last { throw stop }
  }
}

/// Runs work to its end, then once for each of its looks, which ends it: the work must throw what the look threw, and look
/// no more.
/// - Parameters:
///   - distance: from one look that ends the work to the next, for work that takes long.
///   - afterEach: called after each run that was ended.
/// - Returns: how often the whole work looks.
@discardableResult
public func endAtEveryLook<Stop: Error & Equatable>(
  throwing stop: Stop, every distance: Int = 1, sourceLocation: SourceLocation = #_sourceLocation,
  _ work: (_ look: () throws(Stop) -> Void) throws -> Void, afterEach: () throws -> Void = {}
) throws -> Int {
  let whole = Looks(ending: stop)
  try work(whole.look)
  for last in stride(from: 1, through: whole.count, by: distance) {
    let looks = Looks(ending: stop, at: last)
    #expect(throws: stop, "look \(last)", sourceLocation: sourceLocation) { try work(looks.look) }
    #expect(looks.count == last, "work that was ended looks no more", sourceLocation: sourceLocation)
    try afterEach()
  }
  return whole.count
}
