import Foundation

/// The project's own weights, which the build puts beside the program.
public enum ShippedWeights {
  /// What each file is for: scale 2, with the generator and discriminator of all; pictures that were JPEGs, at both
  /// scales, and half of the mean of others at scale 2; scale 4, the mean of both.
  public enum File: String, Sendable, CaseIterable {
    case x2
    case x2OfJPEGs = "x2-jpeg"
    case x4
    case x4Unthinned = "x4-unthinned"
  }

  /// Where the file lies. Nil where the program was moved away from it.
  public static func path(_ file: File) -> String? {
    let name = file.rawValue + ".safetensors"
    let file = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "metakernelgan_Estimation.resources/Weights/\(name)").path
    return FileManager.default.isReadableFile(atPath: file) ? file : nil
  }
}
