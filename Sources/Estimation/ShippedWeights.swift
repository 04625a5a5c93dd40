import Foundation

/// The project's own weights, which the build puts beside the program.
public enum ShippedWeights {
  /// Where the weights for a scale, 2 or 4, lie, or those for pictures that were JPEGs. Nil where the program was moved away
  /// from them, or has none for it.
  public static func path(scale: Int, ofJPEGs: Bool = false) -> String? {
    let name = "x\(scale)\(ofJPEGs ? "-jpeg" : "").safetensors"
    let file = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "metakernelgan_Estimation.resources/Weights/\(name)").path
    return FileManager.default.isReadableFile(atPath: file) ? file : nil
  }
}
