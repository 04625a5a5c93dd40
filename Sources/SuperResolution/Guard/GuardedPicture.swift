public import BlurKernels
public import Imaging

/// An enlarged picture with less of the network's result where the given picture cannot bear it.
///
/// The network was trained on blurred pictures with white noise. What a camera's demosaicking, denoising and sharpening or a
/// print's screen leave is none of it, and comes back as contours and crumbs; so does a kernel that is too wide. The plan
/// says how far the result can be trusted, from the given picture and its kernel alone (docs/evaluation.md).
public struct GuardedPicture: Sendable {
  public let picture: Picture
  /// The mean share of the network's result, 0 to 1.
  public let trust: Double
  /// Why that is below 1: one sentence, or nil.
  public let note: String?

  /// - Parameters:
  ///   - enlarged: what the network made of `picture`, on the grid of `kernel`.
  ///   - kernel: that was used, for its centre says where the enlarged picture lies.
  ///   - scale: by which the sides have grown.
  ///   - plan: of this picture.
  public init(_ enlarged: Picture, of picture: Picture, kernel: BlurKernel, scale: Int, plan: EnlargingPlan) {
    self.init(enlarged, of: picture, kernel: kernel, scale: scale, plan: plan, check: {})
  }

  /// As `init(_:of:kernel:scale:plan:)`.
  /// - Parameter check: called before each row that is blended; what it throws ends the work.
  public init<Stop: Error>(
    _ enlarged: Picture, of picture: Picture, kernel: BlurKernel, scale: Int, plan: EnlargingPlan,
    check: () throws(Stop) -> Void
  ) throws(Stop) {
    let caution = EnlargingGuard(of: picture, kernel: kernel, scale: scale, plan: plan)
    self.picture = try caution.guarded(
      .init(enlarged, rows: 0..<enlarged.height, columns: 0..<enlarged.width), check: check)
    (trust, note) = (caution.trust, caution.note)
  }

  /// A plain enlargement on the grid of one with a kernel.
  package static func plain(_ picture: Picture, kernel: BlurKernel, scale: Int) -> Picture {
    let shift = EnlargingGuard.shift(kernel, scale)
    return picture.bicubic(scale: scale).moved(right: shift.x, down: shift.y)
  }
}

/// What makes guarded parts of the enlarged picture's parts.
package struct EnlargingGuard: Sendable {
  /// As `GuardedPicture` has them.
  package let trust: Double, note: String?
  /// Nil where nothing is to be done.
  private let trusts: TrustMap?
  private let fidelity: Fidelity
  private let picture: Picture
  private let scale: Int
  private let shift: (x: Int, y: Int)

  /// - Parameters: as `GuardedPicture`'s.
  package init(of picture: Picture, kernel: BlurKernel, scale: Int, plan: EnlargingPlan) {
    (self.picture, self.scale, fidelity) = (picture, scale, plan.fidelity)
    shift = Self.shift(kernel, scale)
    guard let trusts = plan.trusts, !trusts.isFull else {
      (self.trusts, trust, note) = (nil, 1, nil)
      return
    }
    self.trusts = trusts
    (trust, note) = (fidelity.share(trusts.mean), plan.note)
  }

  /// By how many pixels a plain enlargement lies right of and below the enlarged picture's grid: pixel i of the given picture
  /// is at scale i + (scale - 1) / 2 of a plain enlargement, and at scale i + (centre of mass - side / 2) by the kernel.
  fileprivate static func shift(_ kernel: BlurKernel, _ scale: Int) -> (x: Int, y: Int) {
    let centre = kernel.centreOfMass
    let offset = Double(kernel.side / 2) + Double(scale - 1) / 2
    func whole(_ value: Double) -> Int { value.isFinite ? Int(min(max(value, -99), 99).rounded()) : 0 }
    return (whole(centre.x - offset), whole(centre.y - offset))
  }

  /// The weighted mean of a part and the plain enlargement there.
  /// - Parameter check: called before each row; what it throws ends the work.
  package func guarded<Stop: Error>(
    _ part: SuperResolver.Part, check: () throws(Stop) -> Void
  ) throws(Stop) -> Picture {
    guard let trusts else { return part.picture }
    let blend = Blend(
      columns: trusts.columnPlaces(part.columns, scale: scale), trusts: trusts, fidelity: fidelity,
      scale: scale)
    guard blend.isNeeded(rows: part.rows) else { return part.picture }
    // The plain enlargement moved to the grid, what leaves it on one side coming in on the other.
    let plain = try picture.bicubicSamples(
      scale: scale, rows: part.rows.map { modulo($0 - shift.y, scale * picture.height) },
      columns: part.columns.map { modulo($0 - shift.x, scale * picture.width) }, check: check)
    return try Interrupted.replacing(check) { (check) throws(Interrupted) in
      try blend.blended(part, with: plain, check: check)
    }
  }
}

/// The weighted mean of a part of an enlarged picture and a plain enlargement on the same grid.
private struct Blend {
  let columns: [PictureParts.Place]
  let trusts: TrustMap
  let fidelity: Fidelity
  let scale: Int

  private func shares(row: Int) -> [Double] {
    trusts.values(row: Double(row) / Double(scale), at: columns).map(fidelity.share)
  }

  /// Whether there is any pixel that is not the network's alone.
  func isNeeded(rows: Range<Int>) -> Bool {
    rows.contains { shares(row: $0).contains { $0 < 1 } }
  }

  func blended(
    _ part: SuperResolver.Part, with plain: Picture.Samples, check: () throws(Interrupted) -> Void
  ) throws(Interrupted) -> Picture {
    let enlarged = part.picture
    let samples: Picture.Samples =
      switch (enlarged.samples, plain) {
      case (.bits8(let ours), .bits8(let theirs)):
        .bits8(try blended(ours, with: theirs, of: part, check: check))
      case (.bits16(let ours), .bits16(let theirs)):
        .bits16(try blended(ours, with: theirs, of: part, check: check))
      default: enlarged.samples
      }
    return Picture(
      like: enlarged, width: enlarged.width, height: enlarged.height, samples: samples,
      transparency: enlarged.transparency)
  }

  private func blended<Sample: FixedWidthInteger & UnsignedInteger>(
    _ ours: [Sample], with plain: [Sample], of part: SuperResolver.Part,
    check: () throws(Interrupted) -> Void
  ) throws(Interrupted) -> [Sample] {
    var result = ours
    for (y, row) in part.rows.enumerated() {
      try check()
      let shares = shares(row: row)
      result.withUnsafeMutableBufferPointer { result in
        for (x, share) in shares.enumerated() where share < 1 {
          let start = 3 * (y * part.columns.count + x)
          for index in start..<start + 3 {
            let mean = Double(plain[index]) * (1 - share) + Double(result[index]) * share
            result[index] = Sample(truncatingIfNeeded: Int(mean + 0.5))
          }
        }
      }
    }
    return result
  }
}
