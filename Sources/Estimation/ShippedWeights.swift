import Foundation

/// The project's own weights, which the build puts beside the program.
public enum ShippedWeights {
  /// Where the weights for scale 2 lie; scale 4 is derived from their kernels. Nil where the program was moved away from
  /// them.
  public static var path: String? {
    let file = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "metakernelgan_Estimation.resources/Weights/x2.safetensors").path
    return FileManager.default.isReadableFile(atPath: file) ? file : nil
  }
}
