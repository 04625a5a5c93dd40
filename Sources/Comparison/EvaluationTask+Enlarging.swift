import BlurKernels
import Foundation
import Imaging
import SuperResolution

extension EnlargingTask {
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
        let (record, enlarged) = try measure(part, of: picture, against: original, by: resolver)
        if let crop = part.crop { try enlarged.part(place).writePNG(crop) }
        report(.image(record))
      } catch { report(.failure("\(name): \(part.of): \(error)")) }
    }
  }

  private func measure(
    _ part: Wanted, of picture: Picture, against original: Picture, by resolver: SuperResolver
  ) throws -> (ImageRecord, Picture) {
    PeakMemory.reset()
    let clock = ContinuousClock()
    let begin = clock.now
    let enlarged: Picture
    if let told = part.told {
      let kernel = told.blurKernel
      // Benchmarks are blurred with the picture repeated beyond its border (as `degrade` does).
      let result = try resolver.enlarge(
        picture, kernel: kernel, scale: scale, noise: told.noise, border: .repeating)
      enlarged =
        fidelity.map {
          GuardedPicture(result, of: picture, kernel: kernel, scale: scale, fidelity: $0).picture
        } ?? result
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
      reblurredPSNR: try part.told.map {
        try reblurredPSNR(of: original, with: $0.blurKernel, against: picture)
      },
      seconds: seconds, megabytes: megabytes)
    return (record, enlarged)
  }

  /// LR-PSNR: the original degraded with the kernel as benchmarks are made, without noise, against the low-resolution picture.
  private func reblurredPSNR(
    of original: Picture, with kernel: BlurKernel, against picture: Picture
  ) throws -> Double {
    try ImageQuality.psnr(of: kernel.degrade(original, scale: scale), against: picture)
  }
}

extension Told {
  fileprivate var blurKernel: BlurKernel {
    BlurKernel(side: Int(Double(kernel.count).squareRoot()), values: kernel)
  }
}
