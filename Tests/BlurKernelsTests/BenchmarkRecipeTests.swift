import BlurKernels
import Imaging
import Testing

@Suite struct BenchmarkRecipeTests {
  @Test func `a draw depends on seed and name alone`() throws {
    for recipe in BenchmarkRecipe.allCases {
      let draw = try recipe.draw(seed: 1, name: "baboon")
      #expect(try recipe.draw(seed: 1, name: "baboon") == draw)
      for (seed, name) in [(2, "baboon"), (1, "baboon2"), (1, "a long name of a picture"), (1, "")] {
        #expect(try recipe.draw(seed: UInt64(seed), name: name) != draw)
      }
    }
  }

  /// Names that differ only past the eighth byte, or by a leading zero byte, are different names.
  @Test func `names do not collide`() throws {
    let names = ["12345678", "123456789", "12345678a", "\0" + "12345678", "\0", "\0\0", ""]
    let kernels = try names.map { try BenchmarkRecipe.x2.draw(seed: 0, name: $0).kernel.values }
    #expect(Set(kernels).count == names.count)
  }

  @Test func `the four recipes are the paper's`() throws {
    var deviations: [Double] = []
    for index in 0..<200 {
      let name = "picture \(index)"
      let gaussian = try BenchmarkRecipe.x2.draw(seed: 3, name: name)
      #expect(gaussian.kernel.side == 11 && gaussian.noise == nil && abs(gaussian.kernel.sum - 1) < 1e-12)
      let noisy = try BenchmarkRecipe.x2NoiseImage.draw(seed: 3, name: name)
      #expect(noisy.kernel == gaussian.kernel)
      deviations.append(try #require(noisy.noise).deviation)
      #expect(try BenchmarkRecipe.x4.draw(seed: 3, name: name).kernel == gaussian.kernel.x4())
      let rough = try BenchmarkRecipe.x2NoiseKernel.draw(seed: 3, name: name).kernel
      #expect(rough != gaussian.kernel && abs(rough.sum - 1) < 1e-12)
      // Factors of 0.6 to 1.4 leave the kernel recognisable: the worst of 200 is 40 dB.
      #expect(try rough.psnr(against: gaussian.kernel) > 35)
    }
    #expect(deviations.allSatisfy { 0..<0.039 ~= $0 })
    // The mean of 200 draws of U[0, 0.039] has a standard deviation of 0.0008.
    #expect(abs(deviations.reduce(0, +) / 200 - 0.0195) < 0.003)
  }

  /// Variances of U[0.35, 5] and angles of U[0, pi]: the mean of xx + yy is 2 * 2.675, a little less since 11x11 cuts
  /// the tails off; xy averages out. The means of 400 draws have standard deviations of 0.1 and 0.05.
  @Test func `kernels follow the paper's distribution`() throws {
    let covariances = try (0..<400).map {
      try BenchmarkRecipe.x2.draw(seed: 5, name: "\($0)").kernel.covariance
    }
    let trace = covariances.reduce(0) { $0 + $1.xx + $1.yy } / 400
    #expect(4.8...5.6 ~= trace, "\(trace)")
    #expect(abs(covariances.reduce(0) { $0 + $1.xy } / 400) < 0.25)
  }

  @Test func `a picture is cropped, clipped and truncated`() throws {
    let white = Picture(width: 7, height: 9, rgb: [UInt8](repeating: 255, count: 189))
    let half = BlurKernel(side: 3, values: (0..<9).map { $0 == 4 ? 0.4999 : 0 })
    let low = try half.degrade(white, scale: 2)
    #expect(low.width == 3 && low.height == 4)
    #expect(low.samples == .bits8([UInt8](repeating: 127, count: 36)), "127.47")
    let bright = BlurKernel(side: 1, values: [1.5])
    #expect(try bright.degrade(white, scale: 2).samples == .bits8([UInt8](repeating: 255, count: 36)))
    let wanted = "cannot degrade a picture of 7x9 pixels by 8: a side is shorter than 8"
    #expect { try half.degrade(white, scale: 8) } throws: { "\($0)" == wanted }
  }

  /// Noise of the deviation that was asked for, the same for the same key; truncation adds 1/12 of a squared level.
  @Test func `noise is as strong as asked`() throws {
    let grey = Picture(width: 200, height: 200, rgb: [UInt8](repeating: 128, count: 120_000))
    let kernel = BlurKernel(side: 1, values: [1])
    func samples(_ key: UInt64) throws -> [Double] {
      let noise = ImageNoise(deviation: 8 / 255, key: key)
      return try kernel.degrade(grey, scale: 2, noise: noise).rgb8.map(Double.init)
    }
    let values = try samples(1)
    #expect(try samples(1) == values && samples(2) != values)
    let mean = values.reduce(0, +) / 30_000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 30_000
    // Truncation shifts by half a level. Standard errors: 0.05 and 0.5.
    #expect(abs(mean - 127.5) < 0.2 && abs(variance - 64.08) < 2.5)
  }

  /// A sensor's noise: variance in proportion to 0.1 + 1.8 x, so that of mid-grey is as asked.
  @Test func `camera noise grows with light`() throws {
    for (grey, variance) in [(26, 64 * 0.2835), (128, 64 * 1.0035), (204, 64 * 1.54)] {
      let picture = Picture(width: 200, height: 200, rgb: [UInt8](repeating: UInt8(grey), count: 120_000))
      let noise = try #require(
        BenchmarkRecipe.x2.draw(
          seed: 1, name: "a", variation: BenchmarkVariation(noise: .camera(level: 8))
        ).noise)
      let low = try BlurKernel(side: 1, values: [1]).degrade(picture, scale: 2, noise: noise).rgb8
      let values = low.map(Double.init)
      let mean = values.reduce(0, +) / 30_000
      let measured = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 30_000
      // Truncation adds 1/12; the variance of 30,000 values has a standard error of 0.8 %.
      #expect(abs(measured / (variance + 1 / 12.0) - 1) < 0.035, "\(grey): \(measured)")
    }
  }

  /// A variation changes what it names only: the same kernels for both scales, with noise and JPEG as without.
  @Test func `variations change what they name`() throws {
    for family in KernelFamily.allCases {
      let plain = BenchmarkVariation(kernels: family)
      let stored = BenchmarkVariation(kernels: family, noise: .white(level: 5), jpegQuality: 50)
      let two = try BenchmarkRecipe.x2.draw(seed: 2, name: "a", variation: plain)
      #expect(two.noise == nil && two.jpegQuality == nil)
      #expect(try BenchmarkRecipe.x2.draw(seed: 2, name: "a", variation: stored).kernel == two.kernel)
      #expect(try BenchmarkRecipe.x4.draw(seed: 2, name: "a", variation: plain).kernel == two.kernel.x4())
    }
    let folders = [
      BenchmarkVariation(jpegQuality: 50), BenchmarkVariation(kernels: .disk),
      BenchmarkVariation(noise: .white(level: 2.5)), .none,
    ].map { BenchmarkRecipe.x4.folder($0) }
    #expect(folders == ["x4_jpeg50", "x4_disk", "x4_noise2.5", "x4_clean"])
  }
}
