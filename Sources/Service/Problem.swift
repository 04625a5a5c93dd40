/// Why a request is refused, as its sender is told (RFC 9457).
public struct Problem: Error, Equatable, Sendable {
  /// HTTP status, 400 to 599; 499 where the client hung up.
  public let status: Int
  /// One sentence: what was wrong and what to do.
  public let detail: String
  /// After so many seconds another try may succeed.
  public var retryAfter: Int?
  /// Methods that the path knows, for status 405.
  var allowed: [String] = []

  public init(_ status: Int, _ detail: String, retryAfter: Int? = nil) {
    (self.status, self.detail, self.retryAfter) = (status, detail, retryAfter)
  }
}
