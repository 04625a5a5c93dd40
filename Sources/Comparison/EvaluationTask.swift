public import Estimation
public import Imaging
public import SuperResolution

/// A part of an evaluation that one process does by itself: everything that is wanted of one picture by one method.
public enum EvaluationTask: Codable, Sendable {
  case estimate(EstimationTask)
  case enlarge(EnlargingTask)
  case compare(ComparisonTask)

  /// Measures, reporting each outcome as soon as it is there. What fails is an outcome, too.
  ///
  /// - Parameter onProgress: called after each step of an estimate with the share of the task that is done.
  public func run(report: (Outcome) -> Void, onProgress: (Double) -> Void = { _ in }) {
    switch self {
    case .estimate(let task): task.run(report, onProgress: onProgress)
    case .enlarge(let task): task.run(report)
    case .compare(let task): task.run(report)
    }
  }

  /// For messages.
  public var name: String {
    switch self {
    case .estimate(let task): task.name
    case .enlarge(let task): task.name
    case .compare(let task): task.name
    }
  }

  /// Tasks of one kind take times in proportion to their units: seeds or kernels times the picture's pixels.
  var kind: String {
    switch self {
    case .estimate(let task): task.row
    case .enlarge, .compare: "enlarging"
    }
  }

  var units: Double {
    switch self {
    case .estimate(let task): Double(task.pixels * Set(task.wanted.map(\.seed)).count)
    case .enlarge(let task): Double(task.pixels * task.wanted.filter { $0.told != nil }.count)
    case .compare: 0
    }
  }

  /// Outcomes that it will report.
  public var count: Int {
    switch self {
    case .estimate(let task): task.wanted.count
    case .enlarge(let task): task.wanted.count
    case .compare(let task): task.wanted.count
    }
  }
}

/// Kernels of one picture.
public struct EstimationTask: Codable, Sendable {
  public let name: String
  /// The row's label.
  public let row: String
  public let picture: String
  /// The part of the picture that the method sees; nil for all of it.
  public let region: PicturePart?
  /// Pixels of the low-resolution picture that are worked on.
  public let pixels: Int
  public let scale: Int
  public let method: String
  public let options: MethodOptions
  public let wanted: [Wanted]

  public struct Wanted: Codable, Sendable {
    public let key: String
    public let seed: UInt64
    public let steps: Int
    /// Where to put the picture of a method that makes one.
    public let ownPicture: String

    init(key: String, seed: UInt64, steps: Int, ownPicture: String) {
      (self.key, self.seed, self.steps, self.ownPicture) = (key, seed, steps, ownPicture)
    }
  }
}

/// Enlargements of one picture, compared with the original.
public struct EnlargingTask: Codable, Sendable {
  public let name: String
  public let picture, original: String
  /// The part of the low-resolution picture that is enlarged; nil for all of it.
  public let region: PicturePart?
  /// Pixels of the low-resolution picture that are worked on.
  public let pixels: Int
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

/// Ready pictures, compared with the original as they are: pictures of the region, or of the whole original, whose region
/// is then compared.
public struct ComparisonTask: Codable, Sendable {
  public let name: String
  public let original: String
  /// The part of the low-resolution picture whose place is compared; nil for all of it.
  public let region: PicturePart?
  public let scale: Int
  public let wanted: [Wanted]

  public struct Wanted: Codable, Sendable {
    public let key: String
    public let of: String
    public let picture: String
    /// Where to put a PNG of the part that pages show; nil for none.
    public let crop: String?
  }
}
