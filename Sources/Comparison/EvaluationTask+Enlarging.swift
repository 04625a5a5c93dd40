import BlurKernels
import Foundation
import Imaging
import Restoration
import SuperResolution

extension EnlargingTask {
  func run(_ report: (Outcome) -> Void) {
    let picture: Picture
    let whole: Picture
    let resolver: SuperResolver
    do {
      picture = try Picture.read(self.picture).region(region)
      whole = try Picture.read(self.original).cropped(toMultipleOf: scale)
      resolver = try SuperResolver(weights: EnlargerChoice(weights))
    } catch { return report(.failure("\(name): \(error)")) }
    let original = whole.region(region?.enlarged(by: scale))
    let place = ShownPart(of: original, scale: scale)
    for part in wanted {
      do {
        let (enlarged, cost) = try enlarge(picture, told: part.told, by: resolver)
        let quality = try ImageQuality(of: enlarged, against: original, border: scale)
        let record = ImageRecord(
          key: part.key, of: part.of, psnr: quality.psnr, ssim: quality.ssim,
          reblurredPSNR: try part.told.map {
            try reblurredPSNR(of: whole, with: $0.blurKernel, against: picture)
          },
          seconds: cost.seconds, megabytes: cost.megabytes)
        if let crop = part.crop { try enlarged.part(place).writePNG(crop) }
        report(.image(record))
      } catch { report(.failure("\(name): \(part.of): \(error)")) }
    }
  }

  /// - Parameter told: nil for bicubic interpolation.
  private func enlarge(
    _ picture: Picture, told: Told?, by resolver: SuperResolver
  ) throws -> (Picture, cost: (seconds: Double, megabytes: Double)) {
    PeakMemory.reset()
    let clock = ContinuousClock()
    let begin = clock.now
    let enlarged: Picture
    if let told {
      enlarged = try enlarge(picture, as: told, by: resolver)
    } else {
      let plain = picture.bicubic(scale: scale)
      // The benchmark's pixels lie (scale - 1) / 2 before the corner of their square, plain enlargement's as far after it.
      enlarged = fidelity == nil ? plain : plain.moved(right: 1 - scale, down: 1 - scale)
    }
    return (enlarged, (seconds: (clock.now - begin).inSeconds, megabytes: PeakMemory.megabytes))
  }

  /// Benchmarks are blurred with the picture repeated beyond its border (as `degrade` does); a region goes on otherwise.
  private func enlarge(_ picture: Picture, as told: Told, by resolver: SuperResolver) throws -> Picture {
    let kernel = told.blurKernel
    func result(noise: Double) throws -> Picture {
      try resolver.enlarge(
        picture, kernel: kernel, scale: scale, noise: noise,
        border: region == nil ? .repeating : .continued)
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
  /// The whole original is degraded, so that what lies around a region is blurred into it as the benchmark did.
  private func reblurredPSNR(
    of original: Picture, with kernel: BlurKernel, against picture: Picture
  ) throws -> Double {
    try ImageQuality.psnr(of: kernel.degrade(original, scale: scale).region(region), against: picture)
  }
}

extension Told {
  fileprivate var blurKernel: BlurKernel {
    BlurKernel(side: Int(Double(kernel.count).squareRoot()), values: kernel)
  }
}
