public import BlurKernels
public import Estimation
public import SuperResolution

/// A picture's blur kernel, and how it was found.
public struct FoundKernel: Sendable {
  /// Where a kernel comes from.
  public enum Source: String, Encodable, Sendable {
    /// Predicted from the picture's spectrum, and used as predicted.
    case predicted
    /// Found by adapting the GAN to the picture.
    case adapted
    /// Predicted or adapted, then changed by what an enlarged part of the picture showed.
    case refined
    /// Given by the user.
    case given
  }

  /// How an estimate was made.
  public struct Estimation: Sendable {
    public let estimate: Estimate
    /// The method's name, and how its start is had, for a method that knows several ways.
    public let method: String, mode: String?
    /// Adaptation steps.
    public let steps: Int
    public let seed: UInt64
    public let seconds: Double
  }

  /// A cross-correlation kernel in our own convention (`KernelConvention.fkp`), of the pixels as stored.
  public let kernel: BlurKernel
  public let source: Source
  /// The enlargement that the kernel is for.
  public let scale: Int
  /// Nil for a kernel that was given.
  public let estimation: Estimation?
  /// What the user should know about the kernel, one sentence each.
  public let notes: [String]

  /// A kernel that a picture is not asked for.
  public init(given kernel: BlurKernel, scale: Int, notes: [String] = []) {
    (self.kernel, source, self.scale, estimation, self.notes) = (kernel, .given, scale, nil, notes)
  }

  /// - Parameter notes: besides the estimate's own.
  init(_ estimation: Estimation, scale: Int, notes: [String] = []) {
    let estimate = estimation.estimate
    (kernel, self.scale, self.estimation) = (estimate.kernel, scale, estimation)
    self.notes = notes + estimate.notes + (estimate.spread?.doubts ?? [])
    if let outcome = estimate.refinement, outcome.isRival || outcome.fit.map({ $0.share > 0 }) == true {
      source = .refined
    } else {
      source = estimation.steps == 0 && estimate.spread != nil ? .predicted : .adapted
    }
  }

  /// What the kernel's uncertainty counts for as image noise, in 8-bit levels; 0 for a kernel that was given.
  public var equivalentNoise: Double { estimation?.estimate.equivalentNoise ?? 0 }

  /// How well the kernel is known; nil for one that was given.
  public var standing: KernelStanding? { estimation?.estimate.standing }

  /// Whether the method is confident of the kernel; nil where it does not say.
  public var isConfident: Bool? { estimation?.estimate.spread?.isConfident }
}
