import Foundation

/// The project's own weights, which the build puts beside the program.
public enum ShippedWeights {
  /// Where the weights for a scale, 2 or 4, lie. Nil where the program was moved away from them, or has none for it.
  public static func path(scale: Int) -> String? {
    let file = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "metakernelgan_Estimation.resources/Weights/x\(scale).safetensors").path
    return FileManager.default.isReadableFile(atPath: file) ? file : nil
  }
}
