import BlurKernels
import Foundation
import Imaging
import SuperResolution

/// Measures super-resolution with a network at random (its values do not change the time) on drawn pictures.
final class SuperResolutionBench {
  private let folder: BenchFolder
  private let weights: String
  private let kernel = BlurKernel.anisotropicGaussian(lambda1: 2, lambda2: 1, theta: 0.4)

  init(_ folder: BenchFolder) throws {
    self.folder = folder
    weights = folder.path("usrnet.safetensors")
    try USRNetWeights.writeRandom(to: weights)
  }

  /// Seconds to enlarge a square picture twofold in this process on one core, best of `tries`.
  func measure(side: Int, tries: Int) throws -> Double {
    let picture = try Picture.read(folder.draw("square.png", side, side))
    let resolver = try SuperResolver(weights: weights)
    return try (0..<tries).map { _ in
      try ContinuousClock().measure {
        _ = try resolver.enlarge(picture, kernel: kernel, scale: 2, noise: 0)
      }.seconds
    }.min() ?? .infinity
  }

  /// Resident megabytes at most of the command enlarging a picture twofold.
  func measureMemory(width: Int, height: Int) throws -> Double {
    let picture = try folder.draw("wide.png", width, height)
    try kernel.write(to: folder.path("kernel.npy"))
    try BenchProgram([
      "super-resolve", picture, "--kernel", folder.path("kernel.npy"), "--sr-weights", weights, "--quiet",
      "--out", folder.url.path,
    ]).finish()
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
    return Double(usage.ru_maxrss) / 1024
  }
}
