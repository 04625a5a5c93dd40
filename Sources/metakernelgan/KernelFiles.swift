import ArgumentParser
import BlurKernels
import Checkpoints
import Foundation
import Imaging
import Platform

/// The files that one picture's kernel is written to.
struct KernelFiles {
  enum Format: String, CaseIterable, ExpressibleByArgument { case npy, mat, png, json }

  /// Pixels a kernel value takes in the PNG.
  static let cell = 16

  let folder: String
  let formats: [Format]
  let scale: Int

  /// `<picture's name>_kernel_x<scale>.<format>` in the folder.
  func path(_ picture: String, _ format: Format) -> String { path(stem: Self.stem(picture), format) }

  static func stem(_ picture: String) -> String {
    URL(filePath: picture).deletingPathExtension().lastPathComponent
  }

  func path(stem: String, _ format: Format) -> String {
    URL(filePath: folder).appending(path: "\(stem)_kernel_x\(scale).\(format.rawValue)").relativePath
  }

  /// Pictures whose kernels would overwrite one another; such a call is refused before any work.
  func collision(_ pictures: [String]) -> (String, String)? {
    var seen: [String: String] = [:]
    for picture in pictures {
      if let other = seen.updateValue(picture, forKey: path(picture, .npy)) { return (other, picture) }
    }
    return nil
  }

  /// With ellipses where the kernel's spread is known; at scale 4 covariances are five times those of scale 2.
  static func picture(of kernel: BlurKernel, _ report: KernelReport) -> Picture {
    guard let spread = report.spread else { return kernel.picture(cell: cell) }
    return kernel.picture(cell: cell, bound: spread.covarianceBound * (report.scale == 4 ? 5 : 1))
  }

  /// Writes every format, each file whole or not at all, and notes the paths in the report.
  /// - Parameter stem: what names begin with; nil: as the picture's.
  func write(_ kernel: BlurKernel, _ report: inout KernelReport, stem: String? = nil) throws {
    let stem = stem ?? Self.stem(report.picture)
    for format in formats {
      let path = path(stem: stem, format)
      switch format {
      case .npy: report.files.npy = path
      case .mat: report.files.mat = path
      case .png: report.files.png = path
      case .json: report.files.json = path
      }
    }
    for format in formats {
      let path = path(stem: stem, format)
      switch format {
      case .npy, .mat: try kernel.write(to: path)
      case .png: try Self.picture(of: kernel, report).writePNG(path)
      case .json: try writeAtomically(Array((report.json(pretty: true) + "\n").utf8), to: path)
      }
    }
  }
}
