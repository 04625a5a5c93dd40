import Degradation
import Estimation
import Foundation
import Imaging
import KernelGAN
import Numerics
import Support

/// Drawn pictures and networks at random in a folder of the test's own.
struct Fixtures {
  let folder: TemporaryFolder
  let checkpoint: String

  init() throws {
    folder = try TemporaryFolder()
    checkpoint = folder.file("start.safetensors").path
    try NetworkState(.paper, freshFrom: 1).write(to: checkpoint, metadata: [:])
  }

  func path(_ name: String) -> String { folder.file(name).path }

  func picture(_ name: String, width: Int = 120, height: Int = 90, key: UInt64 = 1) throws -> String {
    var random = Philox(key: key)
    let rgb = DeadLeaves.draw(width: width, height: height, using: &random)
    try Picture(width: width, height: height, rgb: rgb).writePNG(path(name))
    return path(name)
  }

  func estimate(_ arguments: [String], environment: [String: String] = [:]) throws -> Program.Outcome {
    try Program.run(["estimate", "--checkpoint", checkpoint] + arguments, environment: environment)
  }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: folder.file(name)) }
}
