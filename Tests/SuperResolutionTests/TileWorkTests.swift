import BlurKernels
import Imaging
import Numerics
import SuperResolution
import Support
import Testing

@Suite("Tiles on several threads")
struct TileWorkTests {
  static let kernel = EnlargerTests.kernel

  /// Small tiles, so that a small picture has many.
  private static func resolver() throws -> SuperResolver {
    try SuperResolver(weights: .shipped, tilePixels: 120 * 120)
  }

  @Test func `any number of threads gives the same bytes`() throws {
    let resolver = try Self.resolver()
    let picture = SuperResolverTests.drawn(150, 90)
    var results: [Picture.Samples] = []
    for threads in [1, 2, 3, 64] {
      var told: [(Int, Int)] = []
      let result = try resolver.enlarge(
        picture, kernel: Self.kernel, scale: 2, noise: 3, border: .continued, threads: threads
      ) { told.append(($0, $1)) }
      results.append(result.samples)
      #expect(zip(told, told.dropFirst()).allSatisfy { $0.0 < $1.0 }, "progress goes forward")
      #expect(told.last.map { $0.0 == $0.1 } == true, "\(threads) threads")
      // Several threads' news may be told together.
      if threads == 1 { #expect(told.count > 20) }
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test(arguments: [1, 3])
  func `cancelling ends the work`(threads: Int) throws {
    let resolver = try Self.resolver()
    var asked = 0
    #expect(throws: SuperResolutionError.cancelled) {
      try resolver.enlarge(
        SuperResolverTests.drawn(150, 90), kernel: Self.kernel, scale: 2, noise: 3, threads: threads,
        isCancelled: {
          asked += 1
          return asked > 3
        })
    }
  }

  /// In tiles with the enlarger's own margin, what lies inside the picture is what it is in one go but for a few levels.
  @Test func `tiles have no seams`() throws {
    let picture = SuperResolverTests.drawn(160, 120)
    func enlarged(_ tilePixels: Int?) throws -> Picture {
      try SuperResolver(weights: .shipped, tilePixels: tilePixels).enlarge(
        picture, kernel: Self.kernel, scale: 2, noise: 2, border: .continued)
    }
    let (whole, tiled) = (try enlarged(nil), try enlarged(200 * 200))
    var (squares, worst, count) = (0.0, 0.0, 0.0)
    for row in 32..<whole.height - 32 {
      for column in 32..<whole.width - 32 {
        let difference = abs(whole[row, column, 1] - tiled[row, column, 1]) * 255
        (squares, worst, count) = (squares + difference * difference, max(worst, difference), count + 1)
      }
    }
    print("seams: \((squares / count).squareRoot()) levels on the mean, \(worst) at most")
    #expect((squares / count).squareRoot() < 0.5 && worst < 12)
  }
}

@Suite("Choice of the network")
struct EnlargerChoiceTests {
  @Test func `options mean`() {
    #expect(EnlargerChoice(nil) == .shipped)
    #expect(EnlargerChoice("closed-form") == .closedForm)
    #expect(EnlargerChoice("weights.safetensors") == .file("weights.safetensors"))
  }

  @Test func `names and hashes`() throws {
    let shipped = try SuperResolver()
    #expect((2...4).map { shipped.name(scale: $0) } == ["enlarger", "closed form", "enlarger"])
    #expect(shipped.name == "enlarger" && shipped.weights(scale: 3) == nil)
    let hashes = [2, 4].compactMap { shipped.weights(scale: $0)?.sha256 }
    #expect(hashes.count == 2 && hashes[0].count == 64 && shipped.sha256 == hashes.joined(separator: "+"))
    #expect(try SuperResolver(weights: .closedForm).sha256 == nil)
  }

  /// A file of one scale's weights enlarges by that scale, as the shipped ones do, and says so of others.
  @Test func `files of one scale`() throws {
    let path = try #require(ShippedEnlarger.path(scale: 4))
    let resolver = try SuperResolver(weights: .file(path))
    #expect(resolver.name == "enlarger" && resolver.sha256?.count == 64)
    let picture = SuperResolverTests.drawn(20, 16)
    let kernel = try EnlargerTests.kernel(scale: 4)
    let own = try resolver.enlarge(picture, kernel: kernel, scale: 4, noise: 0)
    #expect(own.samples == (try SuperResolver().enlarge(picture, kernel: kernel, scale: 4, noise: 0)).samples)
    let error = #expect(throws: SuperResolutionError.self) {
      try resolver.enlarge(picture, kernel: kernel, scale: 2, noise: 0)
    }
    #expect(
      error?.description
        == "cannot enlarge by 2 with weights '\(path)': they were trained for scale 4; use that "
        + "scale, or leave --sr-weights away")
  }
}
