/// A picture whose kernel is wanted.
public struct EstimatorRequest: Equatable, Sendable {
  /// The asker's own; the answer bears it.
  public var number: UInt64
  /// What the report calls the picture, 1 to 100 visible ASCII characters.
  public var name: String
  /// A picture file's content, at most `largestPicture` bytes.
  public var picture: [UInt8]

  public static let largestPicture = 64 << 20

  public init(_ number: UInt64, name: String, picture: [UInt8]) {
    (self.number, self.name, self.picture) = (number, name, picture)
  }
}

/// What an estimator answers.
public struct EstimatorReply: Equatable, Sendable {
  public enum Body: Equatable, Sendable {
    /// The report as `estimate` writes it into its JSON file, and the hash of the weights it was found with.
    case report(checkpoint: String, json: String)
    case refusal(Refusal)
  }

  public struct Refusal: Equatable, Sendable {
    public enum Reason: Hashable, Sendable, CaseIterable {
      case unreadableOrder
      /// The same picture will not do better.
      case badPicture
      /// Later it may.
      case queueFull
      case stopping
    }

    public var reason: Reason
    /// For people; at most 500 characters travel.
    public var explanation: String

    public init(_ reason: Reason, _ explanation: String) {
      (self.reason, self.explanation) = (reason, explanation)
    }
  }

  public var number: UInt64
  public var body: Body

  public init(_ number: UInt64, _ body: Body) { (self.number, self.body) = (number, body) }
}
