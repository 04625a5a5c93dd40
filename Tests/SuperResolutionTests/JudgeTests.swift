import BlurKernels
import Foundation
import Imaging
import Numerics
import SuperResolution
import Testing

@Suite struct JudgeTests {
  private func trust(
    _ picture: Picture, _ kernel: BlurKernel, standing: KernelStanding? = nil, scale: Int = 2
  ) throws -> Double {
    let plan = try EnlargingPlan(
      of: picture, kernel: kernel, standing: standing, scale: scale, fidelity: .normal)
    return GuardedPicture(
      picture.bicubic(scale: scale), of: picture, kernel: kernel, scale: scale, plan: plan
    ).trust
  }

  private func noise() -> Picture {
    var random = Philox(key: 9)
    return Picture(width: 160, height: 128, rgb: (0..<3 * 160 * 128).map { _ in UInt8(random.below(256)) })
  }

  /// A drawing, a photograph and noise as pictures have them.
  private func pictures() throws -> [Picture] {
    let original = GuardTests.leaves(3, width: 320, height: 256)
    return [
      try GuardTests.kernel(1).degrade(original, scale: 2),
      try Camera(.photo).photograph(original, kernel: GuardTests.kernel(2), scale: 2, key: 5),
      try Camera(.scan).photograph(original, kernel: GuardTests.kernel(3), scale: 2, key: 6),
      noise(),
      Picture(width: 160, height: 128, rgb: [UInt8](repeating: 128, count: 3 * 160 * 128)),
    ]
  }

  @Test func `trust lies between nothing and everything, whatever is known of the kernel`() throws {
    let standings = [
      nil, KernelStanding.unknown, KernelStanding(covarianceBound: 0, typicalDifference: 0),
      KernelStanding(
        covarianceBound: 1e9, typicalDifference: 1e9, rivalRatio: -1e9, departure: 1e9, unexplained: .infinity
      ),
      KernelStanding(covarianceBound: .nan, typicalDifference: .nan),
    ]
    for picture in try pictures() {
      for standing in standings {
        for scale in 2...4 {
          let trust = try trust(picture, GuardTests.kernel(4), standing: standing, scale: scale)
          #expect((0...1).contains(trust))
        }
      }
    }
  }

  @Test func `the same picture in 16 bits is trusted as much`() throws {
    for picture in try pictures() {
      let deep = Picture(
        width: picture.width, height: picture.height, samples: .bits16(picture.rgb8.map { UInt16($0) * 257 }))
      #expect(abs(try trust(picture, GuardTests.kernel(4)) - trust(deep, GuardTests.kernel(4))) < 0.02)
    }
  }

  @Test func `a kernel that is less sure is trusted no more`() throws {
    let low = try GuardTests.kernel(1).degrade(GuardTests.leaves(3, width: 512, height: 512), scale: 2)
    let trusts = [(0.9, 0.008), (1.5, 0.03), (2.4, 0.06)].map { bound, difference in
      KernelStanding(covarianceBound: bound, typicalDifference: difference)
    }
    let found = try trusts.map { try trust(low, GuardTests.kernel(1), standing: $0) }
    #expect(found[0] >= found[2], "\(found)")
  }

  @Test func `what is beside a part of a picture does not change what the part shows`() throws {
    let (one, other) = (
      GuardTests.leaves(1, width: 96, height: 64), GuardTests.leaves(2, width: 64, height: 64)
    )
    let (left, right) = (one.rgb8, other.rgb8)
    var rgb: [UInt8] = []
    for row in 0..<64 {
      rgb += left[row * 288..<row * 288 + 288]
      rgb += right[row * 192..<row * 192 + 192]
    }
    let joined = Picture(width: 160, height: 64, rgb: rgb)
    #expect(joined.traits(rows: 0..<64, columns: 0..<96) == one.traits(rows: 0..<64, columns: 0..<96))
    #expect(joined.traits(rows: 0..<64, columns: 96..<160) == other.traits(rows: 0..<64, columns: 0..<64))
  }

  @Test func `parts of every size have traits or none`() {
    for side in 1...20 {
      for height in [1, 7, 8, 15, 20] {
        let picture = GuardTests.leaves(1, width: side, height: height)
        let traits = picture.traits(rows: 0..<height, columns: 0..<side)
        #expect((traits == nil) == ((side - 7) * (height - 7) < 64 || side < 8 || height < 8))
        let values = traits.map { $0.luma.map(\.mean) + $0.colour.map(\.floor) + [$0.curvature.fourth] } ?? []
        #expect(values.allSatisfy { $0.isFinite && $0 >= 0 })
      }
    }
  }

  @Test func `weights that are not the judge's are refused by name`() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "no-judge-\(UUID()).safetensors").path
    #expect(throws: SuperResolutionError.self) { try EnlargementJudge(path: path) }
    do { _ = try EnlargementJudge(path: path) } catch {
      #expect("\(error)".contains(path) && "\(error)".contains("--fidelity off"))
    }
  }
}
