import BlurKernels
import Foundation
import Imaging
import Numerics
import SuperResolution
import Support
import Testing

/// Enlarging and judging its result end at whichever look says so, and look more often the larger the picture is.
@Suite("Cancellation of enlarging") struct CancellationTests {
  /// Sides of a picture of one tile and of one of several.
  private static let networks = [
    ("enlarger", 24, 100), ("USRNet-tiny", 12, 40), ("closed form", 24, 100),
  ]

  private func resolver(_ name: String, _ folder: TemporaryFolder) throws -> SuperResolver {
    switch name {
    case "enlarger": try SuperResolver(weights: .shipped, tilePixels: 100 * 100)
    case "USRNet-tiny": try SuperResolverTests.network(folder, tilePixels: 150 * 150)
    default: try SuperResolver(weights: .closedForm, tilePixels: 150 * 150)
    }
  }

  @Test(arguments: networks) func `enlarging ends at every look`(name: String, small: Int, large: Int) throws
  {
    let folder = try TemporaryFolder()
    let resolver = try resolver(name, folder)
    func enlarge(_ side: Int, _ look: () throws(SuperResolutionError) -> Void) throws {
      _ = try resolver.enlarge(
        SuperResolverTests.drawn(side, side), kernel: SuperResolverTests.kernel, scale: 2, noise: 3,
        border: .continued,
        isCancelled: {
          do { try look() } catch { return true }
          return false
        })
    }
    let few = try endAtEveryLook(throwing: SuperResolutionError.cancelled, every: 7) { look in
      try enlarge(small, look)
    }
    let many = Looks(ending: SuperResolutionError.cancelled)
    try enlarge(large, many.look)
    #expect(few >= 4 && many.count >= 2 * few, "\(few), \(many.count)")
  }

  /// Whatever the threads are at.
  @Test func `several threads end at every look`() throws {
    let resolver = try SuperResolver(weights: .shipped, tilePixels: 120 * 120)
    let picture = SuperResolverTests.drawn(150, 90)
    for last in 1...8 {
      var looks = 0
      #expect(throws: SuperResolutionError.cancelled) {
        try resolver.enlarge(
          picture, kernel: SuperResolverTests.kernel, scale: 2, noise: 3, threads: 3,
          isCancelled: {
            looks += 1
            return looks >= last
          })
      }
      #expect(looks == last, "the first that says so ends the work")
    }
  }

  /// The guard works on a photograph, whose result is blended with a plain enlargement.
  @Test func `the guard ends at every look`() throws {
    var random = Philox(key: 5)
    let original = Picture(
      width: 512, height: 512, rgb: DeadLeaves.draw(width: 512, height: 512, using: &random))
    var draws = Philox(key: 5)
    let kernel = KernelFamily.gaussian.draw(using: &draws)
    let photograph = try Camera(.photo).photograph(original, kernel: kernel, scale: 2, key: 7)
    func looks(_ side: Int) throws -> Int {
      let part = photograph.part(rows: 0..<side, columns: 0..<side)
      let large = part.bicubic(scale: 2)
      let plan = try EnlargingPlan(of: part, kernel: kernel, standing: .unknown, scale: 2, fidelity: .high)
      return try endAtEveryLook(throwing: SuperResolutionError.cancelled, every: 97) { look in
        _ = try GuardedPicture(large, of: part, kernel: kernel, scale: 2, plan: plan, check: look)
      }
    }
    let (small, large) = (try looks(128), try looks(256))
    #expect(small >= 1 && large >= 256, "\(small), \(large)")
  }
}
