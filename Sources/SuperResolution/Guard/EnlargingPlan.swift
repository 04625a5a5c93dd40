public import BlurKernels
public import Imaging

/// How a picture is to be enlarged, and how far the result can be trusted: decided before anything is enlarged, from the
/// picture and its kernel alone.
public struct EnlargingPlan: Sendable {
  public let fidelity: Fidelity
  /// The noise level, a standard deviation in 8-bit levels.
  public let level: Double
  /// Nil where everything is trusted.
  let trusts: TrustMap?
  /// Why trust is low: one sentence for the user, or nil.
  let note: String?

  /// - Parameters:
  ///   - kernel: that was found for the picture.
  ///   - standing: nil for a kernel that the user gives, which counts as right.
  ///   - scale: of the enlargement.
  ///   - check: called before each part of the picture that is judged; what it throws ends the work.
  /// - Throws: `SuperResolutionError.judge`, and what `check` throws.
  public init(
    of picture: Picture, kernel: BlurKernel, standing: KernelStanding?, scale: Int, fidelity: Fidelity,
    check: () throws -> Void = {}
  ) throws {
    self.fidelity = fidelity
    guard fidelity != .off else {
      (level, trusts, note) = (picture.enlargingNoise().level, nil, nil)
      return
    }
    let parts = PictureParts(of: picture)
    let whole = try JudgedPicture(
      picture, kernel: kernel, standing: standing ?? .given(scale: scale), scale: scale)
    let judged = try parts.map { rows, columns in
      try check()
      return whole.judged(rows: rows, columns: columns)
    }
    let way = Self.way(judged)
    level = way == .plain ? whole.noise.plainLevel : whole.noise.processedLevel
    let trusts = TrustMap(parts, values: judged.map { $0.trust(way) })
    self.trusts = trusts
    note = trusts.mean < Self.noted ? Self.note(judged, way) : nil
  }

  /// Trust under which the user is told.
  private static let noted = 0.85

  /// The way that the parts prefer on the mean; parts too small to judge are for the plain one.
  private static func way(_ judged: [JudgedPart]) -> EnlargingWay {
    let preference = judged.reduce(0.0) {
      $0 + ($1.opinion?.preferences[EnlargingWay.smooth.rawValue] ?? 0)
    }
    return preference > Double(judged.count) / 2 ? .smooth : .plain
  }

  /// The least trusted part's sentence.
  private static func note(_ judged: [JudgedPart], _ way: EnlargingWay) -> String? {
    guard let least = judged.min(by: { $0.trust(way) < $1.trust(way) }) else { return nil }
    let seen =
      way == .smooth
      ? EnlargingNoise.note(pattern: least.pattern, processing: 0.5, shared: 0) : least.noise.note
    return seen
      ?? "the picture does not tell clearly how it was blurred, so it is enlarged with more caution and is less sharp"
  }
}
