import Foundation

/// Where the research data lies: `../shared` beside the checkout, or nowhere. Tests that need it carry
/// `.enabled(if: SharedData.isPresent, SharedData.absent)` and so are skipped by name without it.
public enum SharedData {
  public static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "shared")
  public static let isPresent = FileManager.default.fileExists(atPath: reference("README.md").path)
  public static let absent: String = "needs the reference tensors in ../shared"

  /// A file of `../shared/reference`.
  public static func reference(_ name: String) -> URL { root.appending(path: "reference/\(name)") }
  /// A file or folder of `../shared/data/bench/Set14`.
  public static func set14(_ name: String) -> URL { root.appending(path: "data/bench/Set14/\(name)") }
}
