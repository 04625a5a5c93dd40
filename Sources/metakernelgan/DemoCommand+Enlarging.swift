import BlurKernels
import Foundation
import Imaging
import Platform
import Restoration

/// The second half of the demo: what the shipped weights do.
extension DemoCommand {
  /// Blurs a photograph by a strong oblique kernel, estimates the kernel and undoes it.
  func enlarge() throws {
    Console.note(
      "Enlarging a photograph that was blurred by a strong oblique kernel, with the shipped weights.")
    let original = try photograph()
    let truth = BlurKernel.anisotropicGaussian(lambda1: 4.5, lambda2: 0.5, theta: 0.6)
    let low = try truth.degrade(original, scale: 2)
    var request = Restorer.Request(scale: 2)
    // Benchmarks lie on the grid of their originals.
    request.grid = .benchmark
    let restored = try Restorer().restore(low, request)
    let plain = low.bicubic(scale: 2)
    try low.writePNG(path("blurred.png"))
    try ContactSheet.beside(
      [plain, restored.picture, original, column(truth, restored.kernel.kernel)], like: original
    ).writePNG(path("before-after.png"))
    let (before, after) = (
      try ImageQuality(of: plain, against: original, border: 2),
      try ImageQuality(of: restored.picture, against: original, border: 2)
    )
    Console.result(
      String(
        format: "kernel PSNR %.2f dB, LK-COV %.2f; image PSNR %.2f dB, bicubic %.2f dB",
        try restored.kernel.kernel.psnr(against: truth),
        restored.kernel.kernel.covarianceDistance(to: truth), after.psnr, before.psnr))
    Console.result(
      "look at \(path("before-after.png")): enlarged plainly, enlarged by this program, the original; "
        + "the true kernel above the estimated one")
    Console.result("try next: metakernelgan super-resolve YOUR_PHOTO.jpg")
  }

  private func path(_ name: String) -> String { URL(filePath: out).appending(path: name).relativePath }

  /// Part of NASA's portrait of Eileen Collins, 448x448 (public domain, as scikit-image has it); not among the pictures
  /// that any weights were trained on.
  private func photograph() throws -> Picture {
    let file = ProgramFolder.resources(of: "metakernelgan").appending(path: "Demo/astronaut.png").path
    do { return try Picture.read(file) } catch { throw Exit.because(error, Exit.configuration) }
  }

  /// One kernel above the other, on one scale of grey.
  private func column(_ upper: BlurKernel, _ lower: BlurKernel) -> Picture {
    let (cell, gap) = (18, 16)
    let white = max(upper.values.max() ?? 0, lower.values.max() ?? 0)
    let pictures = [upper, lower].map { $0.picture(cell: cell, white: white) }
    let (size, height) = (pictures[0].width, 2 * pictures[0].height + gap)
    let rgb = (0..<3 * size * height).map { index -> UInt8 in
      let (row, column) = (index / 3 / size, index / 3 % size)
      let isGap = row >= size && row < size + gap
      if isGap { return 255 }
      let (picture, inner) = row < size ? (pictures[0], row) : (pictures[1], row - size - gap)
      return UInt8((picture[inner, column, 0] * 255).rounded())
    }
    return Picture(width: size, height: height, rgb: rgb)
  }
}
