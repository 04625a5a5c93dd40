/// How much a restored picture may depart from a plain enlargement.
public enum Fidelity: String, Sendable, CaseIterable, Codable {
  /// Twice as cautious as normal: trust is squared.
  case high
  case normal
  /// The network's result as it is.
  case off

  /// What becomes of a trust from 0 to 1.
  public func share(_ trust: Double) -> Double {
    switch self {
    case .high: trust * trust
    case .normal: trust
    case .off: 1
    }
  }
}
