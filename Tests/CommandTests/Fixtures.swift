import BlurKernels
import Estimation
import Foundation
import Imaging
import Networks
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

  /// A folder of two pictures, large enough to train on.
  func photos() throws -> String {
    try FileManager.default.createDirectory(at: folder.file("photos"), withIntermediateDirectories: true)
    for (name, key) in [("a", 1), ("b", 2)] as [(String, UInt64)] {
      _ = try picture("photos/\(name).png", width: 260, height: 240, key: key)
    }
    return path("photos")
  }

  func estimate(_ arguments: [String], environment: [String: String] = [:]) throws -> Program.Outcome {
    try Program.run(["estimate", "--checkpoint", checkpoint] + arguments, environment: environment)
  }

  /// What lies in one of the folder's folders, sorted; nothing where that is not there.
  func names(in name: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path(name))) ?? []).sorted()
  }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: folder.file(name)) }
}

extension Data {
  /// A PNG with an EXIF chunk that holds nothing but an orientation, right after its header.
  func withEXIFOrientation(_ value: UInt8) -> Data {
    let exif: [UInt8] = [
      0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, value, 0, 0, 0, 0, 0, 0,
    ]
    let body = Array("eXIf".utf8) + exif
    var crc: UInt32 = ~0
    for byte in body {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
    }
    func bigEndian(_ value: UInt32) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }
    let header = 8 + 25
    let chunk = bigEndian(UInt32(exif.count)) + body + bigEndian(~crc)
    return Data(self[..<header]) + Data(chunk) + Data(self[header...])
  }
}
