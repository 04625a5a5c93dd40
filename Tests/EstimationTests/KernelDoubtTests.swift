import BlurKernels
import Estimation
import Imaging
import Numerics
import Testing

@Suite struct KernelDoubtTests {
  /// Kernels that do not explain their picture are doubted, on either ground; ordinary ones are not.
  @Test(arguments: [
    (0.05, 0.03, false), (0.3, 0.09, false), (0.4, 0.03, true),
    (0.1, 0.12, true), (0.8, 0.19, true), (0.0, 0.0, false),
  ])
  func `what explains nothing is doubted`(departure: Double, unexplained: Double, isDoubted: Bool) {
    let fit = KernelRefinement.Fit(departure: departure, share: 1, unexplained: unexplained)
    #expect((fit.doubt != nil) == isDoubted)
    if let doubt = fit.doubt { #expect(!doubt.contains("\n") && doubt.contains("11x11")) }
  }

  /// A camera's processing hides the lens's blur: no kernel of its pictures is called confident.
  @Test func `cameras' pictures are doubted`() throws {
    let method = try MetaKernelGANMethod(MethodOptions())
    for key in 1...4 as ClosedRange<UInt64> {
      var random = Philox(key: key)
      let original = Picture(
        width: 512, height: 512, rgb: DeadLeaves.draw(width: 512, height: 512, using: &random))
      let optics = KernelFamily.gaussian.draw(using: &random)
      func doubts(_ picture: Picture) throws -> [String] {
        try method.estimate(picture, scale: 2, seed: 0, recording: [], onStep: { _ in }).spread?.doubts ?? []
      }
      for iso in [100.0, 1600, 6400] {
        var camera = Camera(.photo)
        camera.iso = iso
        let photograph = try camera.photograph(original, kernel: optics, scale: 2, key: key)
        #expect(try doubts(photograph).contains { $0.contains("a camera's") }, "\(key), ISO \(iso)")
      }
      let clean = try doubts(optics.degrade(original, scale: 2))
      #expect(!clean.contains { $0.contains("a camera's") }, "\(key)")
    }
  }
}
