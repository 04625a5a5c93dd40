import BlurKernels
import Foundation
import Imaging
import Numerics

/// A benchmark's temporary folder, removed with it.
final class BenchFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "metakernelgan-bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }

  /// Draws a picture, the same for the same size, into the folder and returns its path.
  func draw(_ name: String, _ width: Int, _ height: Int) throws -> String {
    var random = Philox(key: 2)
    let rgb = DeadLeaves.draw(width: width, height: height, using: &random)
    try Picture(width: width, height: height, rgb: rgb).writePNG(path(name))
    return path(name)
  }
}

/// This program as a child.
struct BenchProgram {
  private let process = Process()
  private let command: String

  init(_ arguments: [String]) throws {
    command = arguments[0]
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = arguments
    try process.run()
  }

  var isRunning: Bool { process.isRunning }

  func end() {
    process.terminate()
    process.waitUntilExit()
  }

  /// Waits for its end.
  /// - Throws: where that was no good one.
  func finish() throws {
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Exit.because("the measured `\(command)` failed", .failure)
    }
  }
}
