import BlurKernels
import Foundation
import Imaging
import Numerics

/// A benchmark's temporary folder, removed with it.
package final class BenchFolder {
  let url: URL

  package var path: String { url.path }

  package init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "metakernelgan-bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  package func path(_ name: String) -> String { url.appending(path: name).path }

  /// Draws a picture, the same for the same size, into the folder and returns its path.
  package func draw(_ name: String, width: Int, height: Int) throws -> String {
    var random = Philox(key: 2)
    let rgb = DeadLeaves.draw(width: width, height: height, using: &random)
    try Picture(width: width, height: height, rgb: rgb).writePNG(path(name))
    return path(name)
  }
}
