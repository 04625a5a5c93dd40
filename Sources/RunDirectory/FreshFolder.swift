import Platform

/// A run's folder that was not there before, so that a training that cannot begin leaves none behind.
public struct FreshFolder: Sendable {
  /// The folder and those above it that are missing, the innermost first.
  private let missing: [String]

  /// To be made before anything is written into the folder.
  public init(_ folder: RunFolder) {
    var missing: [String] = []
    var path = folder.path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    while Folder.kind(of: path, following: false) == nil {
      missing.append(path)
      guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { break }
      path = String(path[..<slash])
    }
    self.missing = missing
  }

  /// Removes what has been made since. Nothing where the folder was there, or holds a checkpoint by now.
  public func remove() {
    guard let run = missing.first, (try? RunFolder(run).checkpointFiles())?.isEmpty != false else { return }
    Folder.remove(run)
    for parent in missing.dropFirst() { Folder.removeIfEmpty(parent) }
  }
}
