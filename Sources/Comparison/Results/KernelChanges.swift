import BlurKernels

/// Brings kernels to the side and convention of a benchmark, and counts what that took.
struct KernelChanges {
  let side: Int
  private var normalised = 0, converted = 0, offCentre = 0
  private var convention = KernelConvention.fkp
  /// By the side that they had.
  private var resized: [Int: (count: Int, lost: Double)] = [:]

  init(side: Int) { self.side = side }

  /// Nil where nothing of the kernel lies within the side.
  mutating func fit(_ file: BlurKernel, _ convention: KernelConvention, scale: Int) -> BlurKernel? {
    let (kernel, note) = file.sumNormalised()
    if note != nil { normalised += 1 }
    self.convention = convention
    if convention != .fkp { converted += 1 }
    let own = kernel.converted(from: convention, to: .fkp, scale: scale)
    let centre = KernelConvention.fkp.centre(side: side, scale: scale)
    if file.side == side {
      let same = own.side == side ? own : own.window(side: side, from: (own.side - side) / 2)
      let mass = same.centreOfMass
      if max(abs(mass.x - centre), abs(mass.y - centre)) > Self.largestOffset { offCentre += 1 }
      return same.sum > 0 ? same.sumNormalised().kernel : nil
    }
    guard let fitted = own.fitted(toSide: side, centre: centre) else { return nil }
    let before = resized[file.side] ?? (0, 0)
    resized[file.side] = (before.count + 1, max(before.lost, fitted.lost))
    return fitted.kernel
  }

  /// Pixels that kernels of the right convention are off their centre at most.
  private static let largestOffset = 0.75

  var notes: [String] {
    var notes = resized.sorted { $0.key < $1.key }.map { had, change in
      let what = had > side ? "cropped" : "padded"
      let lost = change.lost < 5e-4 ? "" : ", which cut off at most \((change.lost * 100).text(1)) %"
      return
        "\(change.count.counted("kernel")) of \(had)x\(had) \(what) to \(side)x\(side) about the centre of mass\(lost)"
    }
    if normalised > 0 {
      notes.append(
        "the values of \(normalised.counted("kernel")) did not sum to 1 and were divided by their sum")
    }
    if converted > 0 {
      notes.append("\(converted.counted("kernel")) converted from the convention \(convention.rawValue)")
    }
    if offCentre > 0 {
      notes.append(
        "the centre of mass of \(offCentre.counted("kernel")) is more than \(Self.largestOffset) pixels off that of "
          + "the convention \(convention.rawValue); check --kernel-convention")
    }
    return notes
  }
}
