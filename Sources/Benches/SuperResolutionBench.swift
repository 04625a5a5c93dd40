import BlurKernels
import Foundation
import Imaging
import SuperResolution

/// Measures super-resolution on drawn pictures, with the shipped enlarger and with USRNet-tiny at random (its values do not
/// change the time).
package final class SuperResolutionBench {
  private let folder: BenchFolder
  private let weights: String
  private let kernel = BlurKernel.anisotropicGaussian(lambda1: 2, lambda2: 1, theta: 0.4)

  package init(_ folder: BenchFolder) throws {
    self.folder = folder
    weights = folder.path("usrnet.safetensors")
    try USRNetWeights.writeRandom(to: weights)
  }

  /// Seconds that both networks take for one picture, on one core in this process.
  package struct Pair {
    package let enlarger: Double, usrNet: Double
    /// The median of both times' quotients, pair by pair: how many times as fast the enlarger is.
    package let ratio: Double
  }

  /// Enlarges a square picture by both networks in turn, `tries` times; seconds are the best of them.
  package func measure(side: Int, scale: Int, tries: Int) throws -> Pair {
    let picture = try Picture.read(folder.draw("square.png", width: side, height: side))
    let kernel = scale == 2 ? self.kernel : try self.kernel.x4()
    let (own, other) = (try SuperResolver(), try SuperResolver(weights: .file(weights)))
    func seconds(_ resolver: SuperResolver) throws -> Double {
      try ContinuousClock().measure {
        _ = try resolver.enlarge(picture, kernel: kernel, scale: scale, noise: 0)
      }.seconds
    }
    let pairs = try (0..<tries).map { _ in (try seconds(own), try seconds(other)) }
    let ratios = pairs.map { $1 / $0 }.sorted()
    return Pair(
      enlarger: pairs.map(\.0).min() ?? .infinity, usrNet: pairs.map(\.1).min() ?? .infinity,
      ratio: ratios[ratios.count / 2])
  }

  /// Multiply-adds that the enlarger's convolutions are defined with, for one pixel of the given picture.
  package static func multiplyAdds(scale: Int) -> Double {
    let (own, hidden) = (3 * scale * scale + 4, 64)
    let stages = own + (own + hidden) + 2 * (10 * hidden + 3 * scale * scale)
    return Double(9 * hidden * stages)
  }

  /// Seconds and resident megabytes at most of the command enlarging a picture twofold by the enlarger, on all cores.
  package func measureCommand(width: Int, height: Int) throws -> (seconds: Double, megabytes: Double) {
    let picture = try folder.draw("wide.png", width: width, height: height)
    try kernel.write(to: folder.path("kernel.npy"))
    let seconds = try ContinuousClock().measure {
      try BenchProgram([
        "super-resolve", picture, "--kernel", folder.path("kernel.npy"), "--quiet", "--out", folder.url.path,
      ]).finish()
    }.seconds
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
    return (seconds, Double(usage.ru_maxrss) / 1024)
  }
}
