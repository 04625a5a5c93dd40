import BlurKernels
import Comparison
import Estimation
import Foundation
import Imaging
import Networks
import Numerics
import Support

/// A benchmark of drawn pictures and networks at random, in a folder of the test's own.
struct Fixtures {
  let folder: TemporaryFolder
  let kernel = BlurKernel.anisotropicGaussian(lambda1: 1, lambda2: 2, theta: 0.5)

  var bench: String { folder.file("x2_drawn").path }
  var checkpoint: String { folder.file("start.safetensors").path }

  init(pictures: [String] = ["a", "b"]) throws {
    folder = try TemporaryFolder()
    try writeWeights(checkpoint, key: 1)
    for part in ["x2_drawn/LR", "x2_drawn/kernel", "HR"] {
      try FileManager.default.createDirectory(at: folder.file(part), withIntermediateDirectories: true)
    }
    for (index, name) in pictures.enumerated() { try draw(name, key: UInt64(index)) }
  }

  /// A picture with its blurred half and its kernel.
  func draw(_ name: String, key: UInt64, width: Int = 150, height: Int = 132) throws {
    var random = Philox(key: key)
    let rgb = DeadLeaves.draw(width: width, height: height, using: &random)
    let original = Picture(width: width, height: height, rgb: rgb)
    try original.writePNG(folder.file("HR/\(name).png").path)
    var planes = [Float](repeating: 0, count: rgb.count)
    planes.withUnsafeMutableBufferPointer {
      original.patch(top: 0, left: 0, height: height, width: width, into: $0.baseAddress!)
    }
    let small = try kernel.degrade(planes, width: width, height: height, scale: 2)
    let area = small.count / 3
    let samples = (0..<small.count).map { UInt8(min(max(small[$0 % 3 * area + $0 / 3], 0), 1) * 255) }
    try Picture(width: width / 2, height: height / 2, rgb: samples).writePNG(
      folder.file("x2_drawn/LR/\(name).png").path)
    try kernel.write(to: folder.file("x2_drawn/kernel/\(name).mat").path)
  }

  func methods(steps: [ComparedMethod.Steps] = [.number(0), .number(2)]) throws -> [ComparedMethod] {
    try ComparedMethod.all(
      [MetaKernelGANMethod.self], weights: [.init(label: "drawn", path: checkpoint)],
      options: MethodOptions(),
      steps: steps)
  }

  /// Enlarges by the closed form.
  func evaluation(
    runs: Int = 2, steps: [ComparedMethod.Steps] = [.number(0), .number(2)], noises: [NoiseLevel] = [.paper],
    results: [GivenResults.Request] = [], crop: Int? = nil, methods: [ComparedMethod]? = nil
  ) throws -> Evaluation {
    let crops = folder.file("crops")
    try FileManager.default.createDirectory(at: crops, withIntermediateDirectories: true)
    let bench = try Bench(folder: bench, crop: crop, noises: noises)
    return Evaluation(
      version: "test", benches: [bench], methods: try methods ?? self.methods(steps: steps),
      results: try results.map { try GivenResults($0, for: [bench]) }, runs: runs,
      enlarging: .init(name: "closed form", weights: "closed-form", sha256: nil), crops: crops.path)
  }

  /// Weights at random, others for each key.
  func writeWeights(_ path: String, key: UInt64) throws {
    try NetworkState(.paper, freshFrom: key).write(to: path, metadata: [:])
  }

  func ledger(_ name: String = "measurements.jsonl") throws -> Ledger {
    try Ledger(path: folder.file(name).path)
  }
}
