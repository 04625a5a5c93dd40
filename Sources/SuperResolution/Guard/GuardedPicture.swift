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
    guard let trusts = plan.trusts, !trusts.isFull else {
      (self.picture, trust, note) = (enlarged, 1, nil)
      return
    }
    let shift = Self.shift(kernel, scale)
    let plain = try picture.bicubic(scale: scale, check: check).moved(right: shift.x, down: shift.y)
    let blend = Blend(trusts: trusts, fidelity: plan.fidelity, scale: scale)
    self.picture = try Interrupted.replacing(check) { (check) throws(Interrupted) in
      try blend.blended(enlarged, with: plain, check: check)
    }
    (trust, note) = (plan.fidelity.share(trusts.mean), plan.note)
  }

  /// A plain enlargement on the grid of one with a kernel.
  package static func plain(_ picture: Picture, kernel: BlurKernel, scale: Int) -> Picture {
    let shift = shift(kernel, scale)
    return picture.bicubic(scale: scale).moved(right: shift.x, down: shift.y)
  }

  /// By how many pixels a plain enlargement lies right of and below the enlarged picture's grid: pixel i of the given picture
  /// is at scale i + (scale - 1) / 2 of a plain enlargement, and at scale i + (centre of mass - side / 2) by the kernel.
  private static func shift(_ kernel: BlurKernel, _ scale: Int) -> (x: Int, y: Int) {
    let centre = kernel.centreOfMass
    let offset = Double(kernel.side / 2) + Double(scale - 1) / 2
    func whole(_ value: Double) -> Int { value.isFinite ? Int(min(max(value, -99), 99).rounded()) : 0 }
    return (whole(centre.x - offset), whole(centre.y - offset))
  }
}

/// The weighted mean of an enlarged picture and a plain enlargement on the same grid.
private struct Blend {
  let trusts: TrustMap
  let fidelity: Fidelity
  let scale: Int

  func blended(
    _ enlarged: Picture, with plain: Picture, check: () throws(Interrupted) -> Void
  ) throws(Interrupted) -> Picture {
    let samples: Picture.Samples =
      switch (enlarged.samples, plain.samples) {
      case (.bits8(let ours), .bits8(let theirs)):
        .bits8(try blended(ours, with: theirs, size: enlarged.size, check: check))
      case (.bits16(let ours), .bits16(let theirs)):
        .bits16(try blended(ours, with: theirs, size: enlarged.size, check: check))
      default: enlarged.samples
      }
    return Picture(
      like: enlarged, width: enlarged.width, height: enlarged.height, samples: samples,
      transparency: enlarged.transparency)
  }

  private func blended<Sample: FixedWidthInteger & UnsignedInteger>(
    _ ours: [Sample], with plain: [Sample], size: PictureSize, check: () throws(Interrupted) -> Void
  ) throws(Interrupted) -> [Sample] {
    var result = ours
    let columns = trusts.columnPlaces(count: size.width, scale: scale)
    for y in 0..<size.height {
      try check()
      let shares = trusts.values(row: Double(y) / Double(scale), at: columns).map(fidelity.share)
      result.withUnsafeMutableBufferPointer { result in
        for (x, share) in shares.enumerated() where share < 1 {
          let start = 3 * (y * size.width + x)
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
