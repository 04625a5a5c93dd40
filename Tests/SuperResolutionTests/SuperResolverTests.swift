import BlurKernels
import Checkpoints
import Dispatch
import Foundation
import Imaging
import Numerics
import SuperResolution
import Support
import Synchronization
import Testing

@Suite("Super-resolution")
struct SuperResolverTests {
  static let kernel = BlurKernel.anisotropicGaussian(lambda1: 2, lambda2: 1, theta: 0.4)

  static func drawn(_ width: Int, _ height: Int) -> Picture {
    var random = Philox(key: 5)
    return Picture(
      width: width, height: height, rgb: DeadLeaves.draw(width: width, height: height, using: &random))
  }

  static func network(_ folder: TemporaryFolder, tilePixels: Int = 3_000_000) throws -> SuperResolver {
    let path = folder.file("weights.safetensors").path
    try USRNetWeights.writeRandom(to: path)
    return try SuperResolver(weights: .file(path), tilePixels: tilePixels)
  }

  /// A picture degraded by a kernel comes back better than by any enlargement that does not know the kernel, and where
  /// it was: one pixel to any side would cost many decibels.
  @Test(arguments: [2, 4])
  func `closed form undoes the degradation`(scale: Int) throws {
    let kernel = scale == 2 ? Self.kernel : try Self.kernel.x4()
    let truth = Self.drawn(96, 80)
    let picture = try Self.degraded(truth, by: kernel, scale: scale)
    let closed = try SuperResolver(weights: .closedForm).enlarge(
      picture, kernel: kernel, scale: scale, noise: 0)
    let gain =
      try ImageQuality(of: closed, against: truth, border: scale).psnr
      - ImageQuality(of: picture.bicubic(scale: scale), against: truth, border: scale).psnr
    #expect(gain > 3, "\(gain) dB")
  }

  /// On a ramp, whose sides are as different as can be, the first columns show less of the last.
  @Test func `photographs have no edges of the other side`() throws {
    let resolver = try SuperResolver(weights: .closedForm)
    var rgb: [UInt8] = []
    for row in 0..<40 {
      for column in 0..<60 { rgb += Array(repeating: UInt8(20 + 3 * column + row), count: 3) }
    }
    let ramp = Picture(width: 60, height: 40, rgb: rgb)
    func worst(_ border: SuperResolver.Border) throws -> Double {
      let result = try resolver.enlarge(ramp, kernel: Self.kernel, scale: 2, noise: 0, border: border)
      return (0..<80).map { (row: Int) -> Double in abs(result[row, 2, 0] - result[row, 0, 0]) * 255 }.max()
        ?? 0
    }
    let (repeating, continued) = (try worst(.repeating), try worst(.continued))
    #expect(continued < repeating / 2, "\(continued) and \(repeating) levels")
  }

  /// Depth, grey, profile and orientation are the input's; any size works, a single pixel and prime sides too.
  @Test(arguments: [(1, 1, 2), (1, 37, 3), (31, 29, 2), (16, 5, 4)])
  func `any size and depth`(width: Int, height: Int, scale: Int) throws {
    let folder = try TemporaryFolder()
    let samples = (0..<3 * width * height).map { UInt16(truncatingIfNeeded: $0 / 3 * 977) }
    let picture = Picture(
      width: width, height: height, samples: .bits16(samples), isGrey: true, orientation: 6,
      iccProfile: [1, 2, 3])
    let resolvers = [try SuperResolver(), try SuperResolver(weights: .closedForm), try Self.network(folder)]
    for resolver in resolvers {
      let result = try resolver.enlarge(picture, kernel: Self.kernel, scale: scale, noise: 5)
      #expect(result.width == scale * width && result.height == scale * height)
      #expect(result.maximum == 65535 && result.isGrey)
      #expect(result.orientation == 6 && result.iccProfile == [1, 2, 3])
      #expect(result[0, 0, 0] == result[0, 0, 1] && result[0, 0, 1] == result[0, 0, 2])
    }
  }

  /// The same bytes again, and from several threads at once; progress counts the network's iterations.
  @Test func `the same from every thread`() throws {
    let folder = try TemporaryFolder()
    let resolver = try Self.network(folder)
    let picture = Self.drawn(45, 30)
    let results = Mutex<[Picture.Samples]>([])
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      let result = try? resolver.enlarge(picture, kernel: Self.kernel, scale: 2, noise: 3)
      if let result { results.withLock { $0.append(result.samples) } }
    }
    var counts: [[Int]] = []
    let again = try resolver.enlarge(picture, kernel: Self.kernel, scale: 2, noise: 3) {
      counts.append([$0, $1])
    }
    results.withLock { #expect($0 == Array(repeating: again.samples, count: 4)) }
    #expect(counts == (1...6).map { [$0, 6] })
  }

  // MARK: tiles

  /// Every pixel belongs to one tile and lies within what is enlarged for it, which is never more than allowed.
  @Test(arguments: [(500, 300, 2), (301, 299, 3), (2000, 20, 4), (333, 77, 2)])
  func `tiles cover the picture`(width: Int, height: Int, scale: Int) {
    let picture = Picture(width: width, height: height, rgb: [UInt8](repeating: 0, count: 3 * width * height))
    let limit = 400 * 400
    for border in [SuperResolver.Border.continued, .repeating] {
      var count = [Int](repeating: 0, count: width * height)
      for tile in Tiling(picture, scale: scale, pixels: limit, border: border).tiles {
        #expect(scale * scale * tile.framedRows.count * tile.framedColumns.count <= limit)
        for row in tile.rows { for column in tile.columns { count[row * width + column] += 1 } }
        #expect(tile.framedRows.clamped(to: tile.rows) == tile.rows)
        #expect(tile.framedColumns.clamped(to: tile.columns) == tile.columns)
      }
      #expect(count.allSatisfy { $0 == 1 })
    }
  }

  /// In tiles, what lies inside the picture is what it is in one go, to a level or two at the seams; at the picture's
  /// border, where what is continued is a guess, they may differ more.
  @Test func `tiles have no seams`() throws {
    let picture = try Self.degraded(Self.drawn(400, 240), by: Self.kernel, scale: 2)
    func enlarged(_ tilePixels: Int) throws -> Picture {
      try SuperResolver(weights: .closedForm, tilePixels: tilePixels).enlarge(
        picture, kernel: Self.kernel, scale: 2, noise: 2, border: .continued)
    }
    let (whole, tiled) = (try enlarged(1_000_000), try enlarged(200 * 200))
    for row in 24..<whole.height - 24 {
      for column in 24..<whole.width - 24 {
        #expect(abs(whole[row, column, 1] - tiled[row, column, 1]) * 255 < 2.5)
      }
    }
  }

  private static func degraded(_ truth: Picture, by kernel: BlurKernel, scale: Int) throws -> Picture {
    let area = truth.width * truth.height
    let planes = (0..<3 * area).map { index in
      Float(truth[index % area / truth.width, index % truth.width, index / area])
    }
    let values = try kernel.degrade(planes, width: truth.width, height: truth.height, scale: scale)
    let small = values.count / 3
    let rgb = values.indices.map { UInt8(min(max(values[$0 % 3 * small + $0 / 3], 0), 1) * 255) }
    return Picture(width: truth.width / scale, height: truth.height / scale, rgb: rgb)
  }
}
