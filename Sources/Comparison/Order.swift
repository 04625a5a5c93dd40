public import Estimation
public import SuperResolution

/// A part of an evaluation that one process does by itself: everything that is wanted of one picture by one method.
public enum Order: Codable, Sendable {
  case estimate(EstimateOrder)
  case enlarge(EnlargeOrder)

  /// Measures, reporting each outcome as soon as it is there. What fails is an outcome, too.
  public func run(report: (Outcome) -> Void) {
    switch self {
    case .estimate(let order): order.run(report)
    case .enlarge(let order): order.run(report)
    }
  }

  /// For messages.
  public var name: String {
    switch self {
    case .estimate(let order): order.name
    case .enlarge(let order): order.name
    }
  }

  /// Outcomes that it will report.
  public var count: Int {
    switch self {
    case .estimate(let order): order.wanted.count
    case .enlarge(let order): order.wanted.count
    }
  }
}

/// Kernels of one picture.
public struct EstimateOrder: Codable, Sendable {
  public let name: String
  public let picture: String
  public let scale: Int
  public let method: String
  public let options: MethodOptions
  public let wanted: [Wanted]

  public struct Wanted: Codable, Sendable {
    public let key: String
    public let seed: UInt64
    public let steps: Int
  }
}

/// Enlargements of one picture, compared with the original.
public struct EnlargeOrder: Codable, Sendable {
  public let name: String
  public let picture, original: String
  public let scale: Int
  /// As `EnlargerChoice` takes it: a file of weights, `closed-form`, or nil for the shipped enlarger.
  public let weights: String?
  /// Nil for the network's result as it is, and for bicubic interpolation as papers have it.
  public let fidelity: Fidelity?
  public let wanted: [Wanted]

  public struct Wanted: Codable, Sendable {
    public let key: String
    public let of: String
    /// Nil for bicubic interpolation.
    public let told: Told?
    /// Where to put a PNG of the part that pages show; nil for none.
    public let crop: String?
  }
}
