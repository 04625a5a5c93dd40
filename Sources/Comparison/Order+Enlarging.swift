import BlurKernels
import Foundation
import Imaging
import Restoration
import SuperResolution

extension EnlargeOrder {
  func run(_ report: (Outcome) -> Void) {
    let picture: Picture
    let original: Picture
    let resolver: SuperResolver
    do {
      picture = try Picture.read(self.picture)
      original = try Picture.read(self.original)
        .cropped(toMultipleOf: scale)
      resolver = try SuperResolver(weights: EnlargerChoice(weights))
    } catch { return report(.failure("\(name): \(error)")) }
    let place = ShownPart(of: original, scale: scale)
    for part in wanted {
      do {
        let (record, enlarged) = try measure(part, picture, original, resolver)
        if let crop = part.crop { try enlarged.part(place).writePNG(crop) }
        report(.image(record))
      } catch { report(.failure("\(name): \(part.of): \(error)")) }
    }
  }

  private func measure(
    _ part: Wanted, _ picture: Picture, _ original: Picture, _ resolver: SuperResolver
  ) throws -> (ImageRecord, Picture) {
    PeakMemory.reset()
    let clock = ContinuousClock()
    let begin = clock.now
    let enlarged: Picture
    if let told = part.told {
      enlarged = try enlarge(picture, told, resolver)
    } else {
      let plain = picture.bicubic(scale: scale)
      // The benchmark's pixels lie (scale - 1) / 2 before the corner of their square, plain enlargement's as far after it.
      enlarged = fidelity == nil ? plain : plain.moved(right: 1 - scale, down: 1 - scale)
    }
    let seconds = (clock.now - begin).inSeconds
    let megabytes = PeakMemory.megabytes
    let quality = try ImageQuality(of: enlarged, against: original, border: scale)
    let record = ImageRecord(
      key: part.key, of: part.of, psnr: quality.psnr, ssim: quality.ssim,
      reblurredPSNR: try part.told.map { try reblurredPSNR($0.blurKernel, picture, original) },
      seconds: seconds, megabytes: megabytes)
    return (record, enlarged)
  }

  /// Benchmarks are blurred with the picture repeated beyond its border (as `degrade` does).
  private func enlarge(_ picture: Picture, _ told: Told, _ resolver: SuperResolver) throws -> Picture {
    let kernel = told.blurKernel
    func result(noise: Double) throws -> Picture {
      try resolver.enlarge(picture, kernel: kernel, scale: scale, noise: noise, border: .repeating)
    }
    guard let fidelity else { return try result(noise: told.noise) }
    let plan = try EnlargingPlan(
      of: picture, kernel: kernel, standing: told.standing, scale: scale, fidelity: fidelity)
    let noise = told.kernelNoise.map { NoiseRule.combined(picture: plan.level, kernel: $0) } ?? told.noise
    return GuardedPicture(
      try result(noise: noise), of: picture, kernel: kernel, scale: scale, plan: plan
    ).picture
  }

  /// LR-PSNR: the original degraded with the kernel as benchmarks are made, without noise, against the low-resolution picture.
  private func reblurredPSNR(
    _ kernel: BlurKernel, _ picture: Picture, _ original: Picture
  ) throws -> Double {
    try ImageQuality.psnr(of: kernel.degrade(original, scale: scale), against: picture)
  }
}

extension Told {
  fileprivate var blurKernel: BlurKernel {
    BlurKernel(side: Int(Double(kernel.count).squareRoot()), values: kernel)
  }
}
