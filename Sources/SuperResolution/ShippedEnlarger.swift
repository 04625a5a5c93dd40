import Foundation
import Platform

/// The project's own weights of the enlarger, which the build puts beside the program.
public enum ShippedEnlarger {
  /// Scales that there are weights for.
  public static let scales = [2, 4]

  /// Where the file lies. Nil for other scales, and where the program was moved away from it.
  public static func path(scale: Int) -> String? {
    guard scales.contains(scale) else { return nil }
    let file = ProgramFolder.resources(of: "SuperResolution")
      .appending(path: "Weights/x\(scale).safetensors").path
    return FileManager.default.isReadableFile(atPath: file) ? file : nil
  }
}
