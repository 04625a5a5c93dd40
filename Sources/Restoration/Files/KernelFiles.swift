import BlurKernels
import Imaging
import Platform

/// The files that one picture's kernel is written to.
package struct KernelFiles: Sendable {
  package enum Format: String, CaseIterable, Sendable { case npy, mat, png, json }

  /// Pixels a kernel value takes in the PNG.
  private static let cell = 16

  package let folder: String
  package let formats: [Format]
  package let scale: Int

  package init(folder: String, formats: [Format], scale: Int) {
    (self.folder, self.formats, self.scale) = (folder, formats, scale)
  }

  /// `<picture's name>_kernel_x<scale>.<format>` in the folder.
  package func path(_ picture: ListedPicture, _ format: Format) -> String {
    ResultPaths.path(picture, in: folder, suffix: suffix(format))
  }

  package func path(stem: String, _ format: Format) -> String {
    FileName.joined(folder, stem + suffix(format))
  }

  private func suffix(_ format: Format) -> String { "_kernel_x\(scale).\(format.rawValue)" }

  /// All paths of a picture's kernel.
  package func paths(_ picture: ListedPicture) -> [String] { formats.map { path(picture, $0) } }

  /// With ellipses where the kernel's spread is known; at scale 4 covariances are five times those of scale 2.
  package static func picture(of found: FoundKernel) -> Picture {
    guard let spread = found.estimation?.estimate.spread else {
      return found.kernel.picture(cell: cell)
    }
    return found.kernel.picture(
      cell: cell, bound: spread.covarianceBound * (found.scale == 4 ? 5 : 1))
  }

  /// Writes every format, each file whole or not at all, and notes the paths in the report.
  package func write(_ found: FoundKernel, of picture: ListedPicture, _ report: inout KernelReport) throws {
    try write(found, &report) { path(picture, $0) }
  }

  /// As `write(_:of:_:)`, with names that begin with `stem`.
  package func write(_ found: FoundKernel, stem: String, _ report: inout KernelReport) throws {
    try write(found, &report) { path(stem: stem, $0) }
  }

  private func write(
    _ found: FoundKernel, _ report: inout KernelReport, path: (Format) -> String
  ) throws {
    for format in formats { report.files[format] = path(format) }
    for format in formats {
      let bytes: [UInt8]
      switch format {
      case .npy: bytes = Array(found.kernel.npyData())
      case .mat: bytes = Array(found.kernel.matData())
      case .png: bytes = try Self.picture(of: found).encodePNG(name: path(format))
      case .json: bytes = Array((try report.json(pretty: true) + "\n").utf8)
      }
      // Not synced, as the pictures themselves are not: after a crash of the machine the call can be made again.
      try writeAtomically(bytes, to: path(format), synced: false)
    }
  }
}
