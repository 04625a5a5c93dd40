import Foundation

/// The project's own weights, which the build puts beside the program.
public enum ShippedWeights {
  /// For each scale one, and one for pictures that were JPEGs (at scale 4 the mean of both such), which is half of the mean
  /// for others. The first holds the generator and discriminator of all.
  public enum File: String, Sendable, CaseIterable {
    case x2
    case x2OfJPEGs = "x2-jpeg"
    case x4
    case x4OfJPEGs = "x4-jpeg"
  }

  /// Where the file lies. Nil where the program was moved away from it.
  public static func path(_ file: File) -> String? {
    let name = file.rawValue + ".safetensors"
    let file = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "metakernelgan_Estimation.resources/Weights/\(name)").path
    return FileManager.default.isReadableFile(atPath: file) ? file : nil
  }
}
