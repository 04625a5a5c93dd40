import Foundation
import Platform

/// A picture file and where it is now.
struct FoundFile {
  let stamp: FileStamp
  let location: String

  /// Nil for what is no ordinary file.
  private init?(folder: String, path: String) throws(TrainingDataError) {
    let location = "\(folder)/\(path)"
    func failure(_ code: Int32) -> TrainingDataError { .unreadable(location, cause: systemText(code)) }
    var status = stat()
    try checked(failure) { stat(location, &status) }
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    let time = status.st_mtim
    stamp = FileStamp(
      path: path, size: Int(status.st_size), seconds: time.tv_sec, nanoseconds: time.tv_nsec)
    self.location = location
  }

  /// All picture files of the folders, sorted by the bytes of their relative paths, so that neither the
  /// folders' place nor their order nor the file system's decides; only equal paths keep the order of their
  /// folders.
  static func all(in folders: [String]) throws(TrainingDataError) -> [FoundFile] {
    var found: [FoundFile] = []
    for folder in folders {
      for path in try picturePaths(in: folder) {
        if let file = try FoundFile(folder: folder, path: path) { found.append(file) }
      }
    }
    let order = found.indices.sorted { precedes(found[$0].stamp.path, $0, found[$1].stamp.path, $1) }
    return order.map { found[$0] }
  }

  private static func picturePaths(in folder: String) throws(TrainingDataError) -> [String] {
    do {
      // The slash follows a link to the folder itself.
      return try FileManager.default.subpathsOfDirectory(atPath: folder + "/").filter(isPicture)
    } catch {
      let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? POSIXError
      let cause = underlying.map { systemText($0.code.rawValue) }
      throw .unreadable(folder, cause: cause ?? error.localizedDescription)
    }
  }

  private static func isPicture(_ path: String) -> Bool {
    [".png", ".jpg", ".jpeg"].contains { path.lowercased().hasSuffix($0) }
  }

  private static func precedes(_ path: String, _ rank: Int, _ other: String, _ otherRank: Int) -> Bool {
    path.utf8.elementsEqual(other.utf8)
      ? rank < otherRank : path.utf8.lexicographicallyPrecedes(other.utf8)
  }
}
