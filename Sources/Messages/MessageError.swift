/// Why received bytes are not a message. `description` is one sentence for the log.
public enum MessageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Not a protobuf message of ours at all.
  case unreadable(count: Int)
  /// The peer speaks another version of the protocol.
  case otherProtocol(expected: Int, actual: Int)
  /// The envelope is empty or holds a kind of message that this version does not know.
  case noBody
  case missing(field: String)
  /// `expected` says which lengths are right.
  case wrongLength(field: String, expected: String, actual: Int)
  case outOfRange(field: String, allowed: String, actual: String)
  /// A name or hash with characters that do not belong there.
  case badText(field: String, expected: String)

  public var description: String {
    switch self {
    case .unreadable(let count):
      "cannot read a message of \(count) bytes: it is not in the wire format; "
        + "check that only metakernelgan uses this port"
    case .otherProtocol(let expected, let actual):
      "cannot read a message: it is of protocol version \(actual), expected \(expected); "
        + "run the same metakernelgan on both sides"
    case .noBody:
      "cannot read a message: its envelope holds nothing known; run the same metakernelgan on both sides"
    case .missing(let field):
      "cannot read a message: \(field) is missing; \(Self.advice)"
    case .wrongLength(let field, let expected, let actual):
      "cannot read a message: \(field) has length \(actual), expected \(expected); \(Self.advice)"
    case .outOfRange(let field, let allowed, let actual):
      "cannot read a message: \(field) is \(actual), expected \(allowed); \(Self.advice)"
    case .badText(let field, let expected):
      "cannot read a message: \(field) is not \(expected); \(Self.advice)"
    }
  }

  private static let advice = "its sender is broken, look at its log and machine"
}
