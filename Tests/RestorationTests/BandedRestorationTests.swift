import BlurKernels
import Checkpoints
import Estimation
import Imaging
import Numerics
import Restoration
import SuperResolution
import Support
import Testing

@Suite struct BandedRestorationTests {
  private struct Case {
    var width = 97, height = 131
    var scale = 2
    var grid = ResultGrid.photograph
    var fidelity = Fidelity.normal
    var isGrey = false, isDeep = false, hasAlpha = false
    var orientation: Int?
    var background: BackgroundColour?
    var threads = 1

    var isPhotograph: Bool { if case .photograph = grid { true } else { false } }
  }

  private let kernel = BlurKernel.anisotropicGaussian(lambda1: 2, lambda2: 1, theta: 0.4)
  private static let tile = 24

  private func picture(_ wanted: Case) throws -> Picture {
    var random = Philox(key: 4)
    let (width, height) = (wanted.width, wanted.height)
    var samples = DeadLeaves.draw(width: width, height: height, using: &random)
    // Noise that all colours share, which the guard minds.
    for pixel in 0..<width * height {
      let noise = Int(random.below(31)) - 15
      for index in 3 * pixel..<3 * pixel + 3 { samples[index] = UInt8(clamping: Int(samples[index]) + noise) }
    }
    if wanted.isGrey { samples = samples.indices.map { samples[$0 / 3 * 3] } }
    let alpha = (0..<width * height).map { UInt8(truncatingIfNeeded: $0 / 3) }
    return Picture(
      width: width, height: height, samples: .bits8(samples), isGrey: wanted.isGrey,
      orientation: wanted.orientation,
      transparency: wanted.hasAlpha
        ? Transparency(laidOnWhite: .bits8(samples), alpha: .bits8(alpha)) : nil
    ).converted(toDeep: wanted.isDeep)
  }

  private func request(_ wanted: Case) -> Restorer.Request {
    var request = Restorer.Request(scale: wanted.scale)
    (request.noise, request.grid, request.fidelity) = (.level(4), wanted.grid, wanted.fidelity)
    (request.background, request.threads) = (wanted.background, wanted.threads)
    return request
  }

  private func resolver(_ weights: EnlargerChoice, _ scale: Int) throws -> SuperResolver {
    let margin = weights == .closedForm || scale == 3 ? 32 : 16
    let side = scale * (2 * margin + Self.tile)
    return try SuperResolver(weights: weights, tilePixels: side * side)
  }

  /// The naive twin: the picture enlarged as a whole, then guarded, given its alpha and turned upright as a whole.
  private func whole(_ picture: Picture, _ wanted: Case, by resolver: SuperResolver) throws -> Picture {
    let picture = wanted.background.map { picture.flattened(on: $0) } ?? picture
    let scale = wanted.scale
    let isPhotograph = wanted.isPhotograph
    let used = isPhotograph ? kernel.converted(from: .fkp, to: .kernelGAN, scale: scale) : kernel
    let enlarged = try resolver.enlarge(
      picture, kernel: used, scale: scale, noise: 4, border: isPhotograph ? .continued : .repeating)
    let plan = try EnlargingPlan(
      of: picture, kernel: kernel, standing: nil, scale: scale, fidelity: wanted.fidelity)
    let guarded = GuardedPicture(enlarged, of: picture, kernel: used, scale: scale, plan: plan).picture
    guard let alpha = picture.alpha else { return guarded.upright() }
    let (width, height) = (guarded.width, guarded.height)
    let offset = isPhotograph ? 0 : scale - 1
    func moved<Sample>(_ plane: [Sample]) -> [Sample] {
      (0..<width * height).map { index in
        let (row, column) = (index / width + offset, index % width + offset)
        return plane[min(row, height - 1) * width + min(column, width - 1)]
      }
    }
    let large: Picture.Samples =
      switch picture.bicubicAlpha(alpha, scale: scale, check: {}) {
      case .bits8(let plane): .bits8(moved(plane))
      case .bits16(let plane): .bits16(moved(plane))
      }
    return Picture(
      like: guarded, width: width, height: height, samples: guarded.samples,
      transparency: Transparency(laidOnWhite: guarded.samples, alpha: large)
    ).upright()
  }

  private func expectTheSame(_ wanted: Case, _ weights: EnlargerChoice) throws {
    let picture = try picture(wanted)
    let resolver = try resolver(weights, wanted.scale)
    let restorer = Restorer(kernels: .given(GivenKernel(kernel, scale: wanted.scale)), enlarger: resolver)
    let expected = try whole(picture, wanted, by: resolver)
    var bands: [Picture] = []
    let facts = try restorer.restore(picture, request(wanted)) { band, size in
      #expect(size == expected.size)
      bands.append(band)
    }
    #expect(facts.size == expected.size)
    var mosaic = PictureMosaic(width: expected.width, height: expected.height, like: bands[0])
    var top = 0
    for band in bands {
      #expect(band.width == expected.width, "\(wanted)")
      mosaic.place(band, top: top, left: 0)
      top += band.height
    }
    #expect(top == expected.height, "\(wanted)")
    let restored = try restorer.restore(picture, request(wanted)).picture
    for result in [mosaic.picture, restored] {
      #expect(result.samples == expected.samples, "\(wanted)")
      #expect(result.transparency == expected.transparency, "\(wanted)")
      #expect(result.orientation == expected.orientation && result.isGrey == expected.isGrey)
    }
  }

  @Test(arguments: [2, 3, 4]) func `bands are the whole at any size and depth`(scale: Int) throws {
    for (number, (width, height)) in [(1, 1), (1, 121), (150, 1), (20, 17), (97, 131)].enumerated() {
      for variant in 0..<4 {
        var wanted = Case(width: width, height: height, scale: scale)
        (wanted.isGrey, wanted.hasAlpha) = (variant % 2 == 1, variant / 2 == 1)
        (wanted.isDeep, wanted.threads) = ((number + variant) % 2 == 1, 1 + variant % 3)
        wanted.fidelity = [.normal, .high, .off][(number + variant) % 3]
        try expectTheSame(wanted, .closedForm)
      }
    }
  }

  @Test(arguments: [2, 4]) func `bands are the whole with the shipped enlarger`(scale: Int) throws {
    for hasAlpha in [false, true] {
      try expectTheSame(
        Case(width: 61, height: 50, scale: scale, fidelity: .high, hasAlpha: hasAlpha, threads: 2), .shipped)
    }
  }

  @Test(arguments: [nil, 1, 2, 3, 4, 5, 6, 7, 8] as [Int?])
  func `bands of turned pictures are upright`(orientation: Int?) throws {
    for (number, grid) in [ResultGrid.photograph, .benchmark].enumerated() {
      var wanted = Case(grid: grid, hasAlpha: number == 0, orientation: orientation, threads: 2)
      try expectTheSame(wanted, .closedForm)
      (wanted.hasAlpha, wanted.isDeep) = (true, true)
      wanted.background = number == 0 ? nil : BackgroundColour(red: 1, green: 200, blue: 30)
      try expectTheSame(wanted, .closedForm)
    }
  }

  private struct Full: Error, Equatable {}

  /// What a band's taker throws ends the work, and is what the caller is told.
  @Test(arguments: [1, 2]) func `an error of the taker is told`(threads: Int) throws {
    let wanted = Case(threads: threads)
    let restorer = Restorer(
      kernels: .given(GivenKernel(kernel, scale: 2)), enlarger: try resolver(.closedForm, 2))
    var count = 0
    let picture = try picture(wanted)
    #expect(throws: Full()) {
      try restorer.restore(picture, request(wanted)) { _, _ in
        count += 1
        if count == 2 { throw Full() }
      }
    }
    #expect(count == 2)
    #expect(throws: EstimationError.cancelled) {
      try restorer.restore(
        picture, request(wanted),
        onProgress: { progress throws(EstimationError) in
          if case .enlarging(let done, _) = progress, done > 2 { throw .cancelled }
        }, onBand: { _, _ in })
    }
  }

  /// Tells what it was shown.
  private struct Looking: EstimationMethod {
    struct Seen: Error { let size: PictureSize }

    static let name = "looking", summary = "", startsFromWeights = false
    let looksInStrips: Bool
    let steps = 0
    let checkpoint: Checkpoint? = nil

    init(_ options: MethodOptions) { looksInStrips = false }
    init(looksInStrips: Bool) { self.looksInStrips = looksInStrips }

    func estimate(
      _ picture: Picture, scale: Int, seed: UInt64, recording: [Int],
      onStep: (Int) throws(EstimationError) -> Void
    ) throws -> Estimate { throw Seen(size: picture.size) }
  }

  /// A thin picture counts as what a kernel's estimate makes of it: 64 rows or columns.
  @Test func `methods that hold the whole picture are shown its middle`() throws {
    for (width, height) in [(2_000_000, 1), (1, 2_000_000), (300, 200)] {
      let picture = Picture(
        width: width, height: height, rgb: [UInt8](repeating: 7, count: 3 * width * height))
      for looksInStrips in [false, true] {
        let restorer = Restorer(
          kernels: .estimated(Looking(looksInStrips: looksInStrips)), enlarger: nil)
        let seen = #expect(throws: Looking.Seen.self) { try restorer.kernel(of: picture, scale: 2) }
        let isWhole = looksInStrips || width == 300
        #expect((seen?.size == picture.size) == isWhole)
        if !isWhole {
          #expect(try #require(seen).size.workedPixels <= Picture.maximumPixels)
          #expect(try #require(seen).size.pixels > 1_500_000)
        }
      }
    }
  }
}
