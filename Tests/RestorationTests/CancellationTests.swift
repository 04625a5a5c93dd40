import BlurKernels
import Estimation
import Foundation
import Imaging
import Numerics
import Restoration
import SuperResolution
import Support
import Testing

/// The whole way of a picture, from the bytes of a file to those of the result, ends at whichever look says so.
@Suite("Cancellation") struct CancellationTests {
  private enum Stage: CaseIterable { case decoding, estimating, enlarging, guarding, encoding }

  private enum Stopped: Error { case here }

  /// One picture's way, as `super-resolve` and the HTTP service go it.
  private struct Way {
    let file: [UInt8]
    let restorer: Restorer
    let result: String

    init(_ picture: Picture, in folder: TemporaryFolder, refined: Bool) throws {
      file = try picture.encodePNG()
      var options = Restorer.Options()
      options.refinesKernels = refined
      restorer = try Restorer(options)
      result = folder.file("result.png").path
    }

    /// - Parameter look: called with the stage that looks.
    func go(_ look: (Stage) throws(Stopped) -> Void) throws {
      func check(_ stage: Stage) throws(PictureError) {
        do { try look(stage) } catch { throw .cancelled }
      }
      let picture = try Picture.decode(file, name: "x") { () throws(PictureError) in try check(.decoding) }
      let restored = try restorer.restore(picture, Restorer.Request(scale: 2)) {
        progress throws(EstimationError) in
        do { try look(Self.stage(of: progress)) } catch { throw .cancelled }
      }
      try ResultFormat.File(restored.picture, as: ResultFormat(.png), path: result) {
        () throws(PictureError) in try check(.encoding)
      }.write()
    }

    private static func stage(of progress: Restorer.Progress) -> Stage {
      switch progress {
      case .estimating: .estimating
      // The plan is made before anything is enlarged; the enlarger has many parts.
      case .enlarging(let done, let all): done == 0 && all == 1 ? .guarding : .enlarging
      }
    }

    /// How often each stage looks.
    func looks() throws -> [Stage: Int] {
      var looks: [Stage: Int] = [:]
      try go { looks[$0, default: 0] += 1 }
      return looks
    }
  }

  private func drawn(_ width: Int, _ height: Int, key: UInt64 = 3) -> Picture {
    var random = Philox(key: key)
    return Picture(
      width: width, height: height, rgb: DeadLeaves.draw(width: width, height: height, using: &random))
  }

  private func isCancellation(_ error: any Error) -> Bool {
    error as? PictureError == .cancelled || error as? EstimationError == .cancelled
  }

  /// Ends the work at a look, and expects the error that says so and no file.
  private func end(_ way: Way, at last: Int, _ folder: TemporaryFolder) throws {
    var looks = 0
    let error = #expect(throws: (any Error).self) {
      try way.go { (_) throws(Stopped) in
        looks += 1
        if looks == last { throw .here }
      }
    }
    #expect(error.map(isCancellation) == true, "look \(last): \(error.map { "\($0)" } ?? "no error")")
    #expect(looks == last, "work that was ended looks no more")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty, "look \(last)")
  }

  @Test func `a picture's way ends at every look and leaves no file`() throws {
    let folder = try TemporaryFolder()
    let way = try Way(drawn(16, 12), in: folder, refined: true)
    let looks = try way.looks()
    for stage in Stage.allCases { #expect(looks[stage, default: 0] > 0, "\(stage)") }
    try FileManager.default.removeItem(atPath: way.result)
    for last in 1...looks.values.reduce(0, +) { try end(way, at: last, folder) }
  }

  /// The same of a picture whose kernel is refined, which takes longer.
  @Test func `refinement looks and ends`() throws {
    let folder = try TemporaryFolder()
    let picture = drawn(64, 56)
    let plain = try Way(picture, in: folder, refined: false).looks()
    let way = try Way(picture, in: folder, refined: true)
    let looks = try way.looks()
    let (without, with) = (plain[.estimating, default: 0], looks[.estimating, default: 0])
    #expect(with > without + 50, "\(without), \(with)")
    try FileManager.default.removeItem(atPath: way.result)
    for last in stride(from: 1, to: looks.values.reduce(0, +), by: 61) { try end(way, at: last, folder) }
  }

  /// A stage that looks as often at a large picture as at a small one works on longer and longer once nobody waits.
  @Test func `every stage looks more often at a larger picture`() throws {
    let folder = try TemporaryFolder()
    // As `GuardTests` has it, so that its result is blended, in nine parts.
    var random = Philox(key: 5)
    let photograph = try Camera(.photo).photograph(
      drawn(960, 960, key: 5), kernel: KernelFamily.gaussian.draw(using: &random), scale: 2, key: 7)
    let small = try Way(photograph.part(rows: 0..<80, columns: 0..<80), in: folder, refined: false).looks()
    let large = try Way(photograph, in: folder, refined: false).looks()
    for stage in Stage.allCases {
      let (few, many) = (small[stage, default: 0], large[stage, default: 0])
      #expect(few > 0 && many >= 2 * few, "\(stage): \(few), \(many)")
    }
  }
}
