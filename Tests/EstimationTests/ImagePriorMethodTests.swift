import BlurKernels
import Estimation
import Imaging
import Numerics
import Support
import Testing

/// What holds for all methods that fit a picture network to the one picture.
@Suite("Methods with an image prior")
struct ImagePriorMethodTests {
  static let names = ["bsrdm", "dkp", "double-dip", "dip-softmax"]

  /// Steps after which each has updated its kernel: BSRDM begins after 50.
  static func enough(_ name: String) -> Int { name == "bsrdm" ? 52 : 4 }

  static func method(_ name: String, steps: Int, crop: Int? = nil) throws -> any EstimationMethod {
    var options = MethodOptions()
    (options.steps, options.crop) = (steps, crop)
    let type = try #require(EstimationMethods.named(name))
    return try type.init(options)
  }

  static func estimate(
    _ name: String, steps: Int, of picture: Picture = EstimatorTests.picture(24, 20), scale: Int = 2,
    seed: UInt64 = 0, recording: [Int] = [], crop: Int? = nil
  ) throws -> Estimate {
    try method(name, steps: steps, crop: crop).estimate(
      picture, scale: scale, seed: seed, recording: recording, onStep: { _ in })
  }

  /// Equal arguments, equal bytes of kernel and picture; another seed, another kernel; and what is recorded on the way is
  /// what fewer steps would have given.
  @Test(arguments: names)
  func `same arguments same kernel`(_ name: String) throws {
    let steps = Self.enough(name)
    let whole = try Self.estimate(name, steps: steps, recording: [0, steps - 1, steps])
    let again = try Self.estimate(name, steps: steps)
    #expect(again.kernel == whole.kernel && again.ownPicture?.samples == whole.ownPicture?.samples)
    #expect(try Self.estimate(name, steps: steps, seed: 1).kernel != whole.kernel)
    #expect(try whole.recorded[steps - 1] == Self.estimate(name, steps: steps - 1).kernel)
    #expect(whole.recorded[steps] == whole.kernel && whole.recorded[0] != whole.kernel)
  }

  /// The project's sides and a sum of one; a picture of the large size, of the depth and colour of the given one.
  @Test(arguments: names)
  func `results are as other methods give them`(_ name: String) throws {
    for scale in [2, 4] {
      let found = try Self.estimate(name, steps: 1, scale: scale)
      #expect(found.kernel.side == (scale == 2 ? 11 : 21) && abs(found.kernel.sum - 1) < 1e-5)
      let picture = try #require(found.ownPicture)
      #expect(picture.width == 24 * scale && picture.height == 20 * scale && !picture.samples.isDeep)
    }
    let samples = EstimatorTests.picture(24, 20).rgb8.map { UInt16($0) * 257 }
    let grey = (0..<samples.count).map { samples[$0 / 3 * 3] }
    let deep = Picture(width: 24, height: 20, samples: .bits16(grey), isGrey: true)
    let found = try Self.estimate(name, steps: 0, of: deep)
    let picture = try #require(found.ownPicture)
    #expect(picture.isGrey && picture.samples.isDeep)
  }

  /// The central part alone is looked at; its picture is not passed off as the whole one.
  @Test(arguments: names)
  func crops(_ name: String) throws {
    let large = EstimatorTests.picture(60, 52)
    let part = large.part(rows: 10..<42, columns: 14..<46)
    let found = try Self.estimate(name, steps: 1, of: large, crop: 64)
    #expect(found.kernel == (try Self.estimate(name, steps: 1, of: part).kernel))
    #expect(found.ownPicture == nil)
    #expect(found.notes == ["found from the central 32x32 pixels alone (--crop)"])
    let whole = try Self.estimate(name, steps: 1, of: part, crop: 500)
    #expect(whole.ownPicture != nil && whole.notes.isEmpty)
  }

  @Test(arguments: names)
  func `tiny pictures are refused`(_ name: String) throws {
    let least = name == "bsrdm" ? 11 : 17
    let error = #expect(throws: EstimationError.self) {
      try Self.estimate(name, steps: 1, of: EstimatorTests.picture(40, least - 1))
    }
    #expect(
      error?.description
        == "the method \(name) needs pictures of at least \(least)x\(least) pixels, and this one has "
        + "40x\(least - 1); estimate it with --method metakernelgan, which takes any size")
    #expect(try Self.estimate(name, steps: 1, of: EstimatorTests.picture(least, least)).kernel.side == 11)
  }

  @Test(arguments: names)
  func `options it cannot follow`(_ name: String) throws {
    let type = try #require(EstimationMethods.named(name))
    #expect(try type.init(MethodOptions()).steps == (name == "bsrdm" ? 490 : 1000))
    var options = MethodOptions()
    (options.checkpoint, options.mode, options.patches) = ("a.safetensors", .paper, 2)
    let error = #expect(throws: EstimationError.self) { try type.init(options) }
    #expect(
      error?.description
        == "the method \(name) has no use for --checkpoint, --mode, --patches; leave out what it cannot follow"
    )
  }

  @Test(arguments: ["metakernelgan", "kernelgan"])
  func `crop is refused by others`(_ name: String) throws {
    var options = MethodOptions()
    options.crop = 600
    let type = try #require(EstimationMethods.named(name))
    #expect(throws: EstimationError.notFollowed(method: name, options: ["--crop"])) { try type.init(options) }
  }

  /// Each step is told, and the caller may stop after any.
  @Test(arguments: names)
  func `steps are told and may be the last`(_ name: String) throws {
    var told: [Int] = []
    #expect(throws: EstimationError.cancelled) {
      try Self.method(name, steps: 9).estimate(
        EstimatorTests.picture(20, 20), scale: 2, seed: 0, recording: [],
        onStep: { (done: Int) throws(EstimationError) in
          told.append(done)
          if done == 2 { throw .cancelled }
        })
    }
    #expect(told == [1, 2])
  }
}
