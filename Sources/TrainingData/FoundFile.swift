import Foundation
import Imaging
import Platform

/// A picture file and where it is now.
struct FoundFile {
  let stamp: PictureStamp
  let location: String

  /// What a search comes to.
  struct Search {
    var files: [FoundFile] = []
    /// What looks like a picture by its name and is none, such as a link that leads nowhere.
    var passedOver: [SkippedPicture] = []
  }

  /// All picture files of the folders, sorted by the bytes of their relative paths, so that neither the
  /// folders' place nor their order nor the file system's decides; only equal paths keep the order of their
  /// folders.
  static func all(in folders: [String]) throws(TrainingDataError) -> Search {
    var search = Search()
    for folder in folders {
      var walk = Walk(root: folder)
      try walk.enter("")
      search.files += walk.found.files
      search.passedOver += walk.found.passedOver
    }
    let found = search.files
    let paths = found.map { FileName.encode($0.stamp.path) }
    let order = found.indices.sorted { one, other in
      paths[one] == paths[other] ? one < other : paths[one].lexicographicallyPrecedes(paths[other])
    }
    search.files = order.map { found[$0] }
    return search
  }
}

/// One folder's search. Linked folders are entered, each real folder once: so links in a circle end.
private struct Walk {
  let root: String
  var found = FoundFile.Search()
  private var entered: Set<Place> = []

  private struct Place: Hashable { let device: UInt, inode: UInt }

  init(root: String) { self.root = root }

  /// - Parameter path: of a folder relative to the root, with a slash at the end unless it is the root.
  mutating func enter(_ path: String) throws(TrainingDataError) {
    let folder = root + "/" + path
    let status = try Self.status(folder)
    guard entered.insert(Place(device: UInt(status.st_dev), inode: UInt(status.st_ino))).inserted else {
      return
    }
    let names: [String]
    do { names = try Folder.names(in: folder) } catch {
      throw .unreadable(path.isEmpty ? root : String(folder.dropLast()), cause: Self.cause(error))
    }
    for name in names { try look(at: path + name, name) }
  }

  private mutating func look(at path: String, _ name: String) throws(TrainingDataError) {
    switch Folder.kind(of: root + "/" + path) {
    case .folder: try enter(path + "/")
    case .file where isPicture(name):
      // Finder's notes beside a picture's bytes, on disks that cannot hold them otherwise.
      if name.hasPrefix("._") {
        found.passedOver.append(
          SkippedPicture(path: path, reason: "it holds a Macintosh's notes on a picture"))
      } else {
        found.files.append(FoundFile(stamp: try stamp(path), location: root + "/" + path))
      }
    case nil where isPicture(name):
      found.passedOver.append(SkippedPicture(path: path, reason: "it is a link that leads nowhere"))
    default: break
    }
  }

  private func stamp(_ path: String) throws(TrainingDataError) -> PictureStamp {
    let status = try Self.status(root + "/" + path)
    return PictureStamp(
      path: path, size: Int(status.st_size), seconds: status.st_mtim.tv_sec,
      nanoseconds: status.st_mtim.tv_nsec)
  }

  private static func status(_ path: String) throws(TrainingDataError) -> stat {
    var status = stat()
    func failure(_ code: Int32) -> TrainingDataError {
      .unreadable(path.hasSuffix("/") ? String(path.dropLast()) : path, cause: systemText(code))
    }
    try checked(failure) { FileName.withPath(path) { stat($0, &status) } }
    return status
  }

  private static func cause(_ error: FileError) -> String {
    if case .missing = error { return systemText(ENOENT) }
    return systemCause(error)
  }

  private func isPicture(_ name: String) -> Bool {
    Picture.readableExtensions.contains { name.lowercased().hasSuffix("." + $0) }
  }
}
