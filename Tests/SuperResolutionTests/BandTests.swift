import BlurKernels
import Foundation
import Imaging
import Numerics
import SuperResolution
import Support
import Synchronization
import Testing

@Suite("Enlarged pictures in bands") struct BandTests {
  /// What enlarges, and the sides of its tiles without their margin, which are small so that small pictures have many.
  struct Network: CustomTestStringConvertible, Sendable {
    let name: String
    let margin: Int
    let scales: [Int]
    var testDescription: String { name }

    static let all = [
      Network(name: "shipped", margin: 16, scales: [2, 4]),
      Network(name: "closed-form", margin: 32, scales: [2, 3, 4]),
      Network(name: "USRNet", margin: 32, scales: [2]),
    ]

    static let side = 24

    func resolver(_ folder: TemporaryFolder, scale: Int) throws -> SuperResolver {
      let side = scale * (2 * margin + Self.side)
      return name == "USRNet"
        ? try SuperResolverTests.network(folder, tilePixels: side * side)
        : try SuperResolver(weights: EnlargerChoice(name), tilePixels: side * side)
    }

    func tiling(_ picture: Picture, scale: Int, _ border: SuperResolver.Border) -> Tiling {
      let side = scale * (2 * margin + Self.side)
      return Tiling(picture, scale: scale, pixels: side * side, border: border, margin: margin)
    }
  }

  /// One pixel, one row and column, less than a tile, some bands and odd remainders of them.
  private static let sizes = [(1, 1), (1, 121), (150, 1), (20, 17), (111, 60), (97, 131)]

  /// The naive twin: every tile, one after the other, on one canvas of the whole picture.
  private func whole(
    _ picture: Picture, by resolver: SuperResolver, tiledAs network: Network, scale: Int,
    border: SuperResolver.Border
  ) throws -> Picture {
    var canvas = Canvas(width: scale * picture.width, height: scale * picture.height, like: picture)
    let tiles = network.tiling(picture, scale: scale, border).tiles
    for tile in tiles {
      let planes = try resolver.enlargedPlanes(
        picture.part(rows: tile.framedRows, columns: tile.framedColumns),
        kernel: EnlargerTests.kernel(scale: scale == 4 ? 4 : 2), scale: scale, noise: 3,
        border: tiles.count == 1 ? border : .continued)
      canvas.fill(
        rows: scale * tile.rows.lowerBound..<scale * tile.rows.upperBound,
        columns: scale * tile.columns.lowerBound..<scale * tile.columns.upperBound, from: planes,
        top: scale * (tile.rows.lowerBound - tile.framedRows.lowerBound),
        left: scale * (tile.columns.lowerBound - tile.framedColumns.lowerBound))
    }
    return canvas.picture
  }

  @Test(arguments: Network.all) func `bands hold the bytes of the whole`(network: Network) throws {
    let folder = try TemporaryFolder()
    for scale in network.scales {
      let resolver = try network.resolver(folder, scale: scale)
      for (number, (width, height)) in Self.sizes.enumerated() {
        // USRNet's tiles take long; two sizes have all that differs.
        if network.name == "USRNet", ![0, 4].contains(number) { continue }
        let picture = SuperResolverTests.drawn(width, height)
        let border: SuperResolver.Border = number % 2 == 0 ? .continued : .repeating
        let expected = try whole(picture, by: resolver, tiledAs: network, scale: scale, border: border)
        for threads in [1, 3] {
          let result = try resolver.enlarge(
            picture, kernel: EnlargerTests.kernel(scale: scale == 4 ? 4 : 2), scale: scale, noise: 3,
            border: border, threads: threads)
          #expect(result.samples == expected.samples, "\(width)x\(height) x\(scale), \(threads) threads")
        }
      }
    }
  }

  /// Bands by rows and by columns, from either end, cover every pixel once and in order.
  @Test(arguments: [(97, 131), (300, 20), (20, 300), (1, 1)])
  func `bands come in the order that is asked for`(width: Int, height: Int) throws {
    let network = Network.all[1]
    let resolver = try network.resolver(TemporaryFolder(), scale: 2)
    let picture = SuperResolverTests.drawn(width, height)
    let whole = try resolver.enlarge(picture, kernel: EnlargerTests.kernel, scale: 2, noise: 3)
    for (isByColumns, isReversed) in [(false, false), (false, true), (true, false), (true, true)] {
      var bands: [Picture] = []
      try resolver.enlargeInBands(
        picture, kernel: EnlargerTests.kernel, scale: 2, noise: 3, border: .repeating, threads: 2,
        order: (isByColumns, isReversed), onIteration: { _, _ in }, isCancelled: { false },
        onBand: { band in
          bands.append(band)
          return true
        })
      #expect(bands.allSatisfy { isByColumns ? $0.height == 2 * height : $0.width == 2 * width })
      var mosaic = PictureMosaic(width: 2 * width, height: 2 * height, like: bands[0])
      var place = 0
      for band in isReversed ? bands.reversed() : bands {
        mosaic.place(band, top: isByColumns ? 0 : place, left: isByColumns ? place : 0)
        place += isByColumns ? band.width : band.height
      }
      #expect(place == 2 * (isByColumns ? width : height))
      #expect(mosaic.picture.samples == whole.samples)
    }
  }

  /// However high the picture, what is enlarged and not yet handed on is at most a tile a thread and two bands; planes of
  /// floats end before that.
  @Test(arguments: [1, 2, 4]) func `memory does not grow with the picture`(threads: Int) throws {
    let network = Network.all[1]
    let resolver = try network.resolver(TemporaryFolder(), scale: 2)
    let width = 4 * Network.side
    let held = Mutex((now: 0, most: 0))
    // Fewer bands would be enlarged in one go.
    for bands in [6, 12] {
      held.withLock { $0 = (0, 0) }
      let picture = SuperResolverTests.drawn(width, bands * Network.side)
      try resolver.enlargeInBands(
        picture, kernel: EnlargerTests.kernel, scale: 2, noise: 3, border: .continued, threads: threads,
        order: (isByColumns: false, isReversed: false), onIteration: { _, _ in }, isCancelled: { false },
        finishing: { part, _ in
          held.withLock { held in
            held.now += part.picture.size.pixels
            held.most = max(held.most, held.now)
          }
          return part.picture
        },
        onBand: { band in
          held.withLock { $0.now -= band.size.pixels }
          return true
        })
      let tile = 4 * Network.side * Network.side
      held.withLock { held in
        #expect(held.now == 0 && held.most <= 2 * 4 * tile + threads * tile, "\(held.most / tile) tiles")
      }
    }
  }

  @Test(arguments: [1, 3]) func `a band that is refused ends the work`(threads: Int) throws {
    let resolver = try Network.all[1].resolver(TemporaryFolder(), scale: 2)
    var count = 0
    #expect(throws: SuperResolutionError.cancelled) {
      try resolver.enlargeInBands(
        SuperResolverTests.drawn(60, 200), kernel: EnlargerTests.kernel, scale: 2, noise: 3,
        border: .continued, threads: threads, order: (isByColumns: false, isReversed: false),
        onIteration: { _, _ in }, isCancelled: { false },
        onBand: { _ in
          count += 1
          return count < 2
        })
    }
    #expect(count == 2)
  }

  /// Parts of any rectangle are guarded as they are in the whole, for kernels on a plain enlargement's grid and off it.
  @Test(arguments: [2, 3, 4]) func `parts are guarded as the whole is`(scale: Int) throws {
    let low = try Camera(.photo).photograph(
      SuperResolverTests.drawn(600, 440), kernel: EnlargerTests.kernel, scale: 2, key: 7)
    for convention in [KernelConvention.fkp, .kernelGAN] {
      let kernel = EnlargerTests.kernel.converted(from: .fkp, to: convention, scale: scale)
      let enlarged = low.bicubic(scale: scale).moved(right: 3, down: 2)
      let plan = try EnlargingPlan(
        of: low, kernel: kernel, standing: .unknown, scale: scale, fidelity: .normal)
      let whole = GuardedPicture(enlarged, of: low, kernel: kernel, scale: scale, plan: plan)
      #expect(whole.trust < 1)
      let caution = EnlargingGuard(of: low, kernel: kernel, scale: scale, plan: plan)
      #expect(caution.trust == whole.trust && caution.note == whole.note)
      for (top, left, height, width) in [(0, 0, 1, 1), (0, 0, 70, 50), (101, 37, 90, 200), (439, 0, 1, 600)] {
        let (rows, columns) = (top..<top + height, left..<left + width)
        let part = caution.guarded(
          .init(enlarged.part(rows: rows, columns: columns), rows: rows, columns: columns), check: {})
        #expect(part.samples == whole.picture.part(rows: rows, columns: columns).samples)
      }
    }
  }

  @Test func `results beyond the limit are refused before any work`() throws {
    let wide = Picture(width: 5001, height: 5000, rgb: [UInt8](repeating: 9, count: 3 * 5001 * 5000))
    let error = #expect(throws: SuperResolutionError.self) {
      try SuperResolver(weights: .closedForm).enlarge(wide, kernel: EnlargerTests.kernel, scale: 4, noise: 0)
    }
    #expect(
      error?.description
        == "cannot enlarge to 20004x20000: more than 400 megapixels; crop the picture or lower the scale")
  }
}
