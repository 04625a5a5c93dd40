import Platform

/// Names of results, and the refusal of calls whose results would overwrite something.
package enum ResultPaths {
  /// `<picture's name><suffix>` in the folder, or in the same subfolder of it that the picture has.
  package static func path(_ picture: ListedPicture, in folder: String, suffix: String) -> String {
    FileName.joined(FileName.joined(folder, picture.subfolder), picture.stem + suffix)
  }

  /// A result and the picture that it would overwrite or whose result it would.
  package struct Collision: Equatable {
    package let path, picture, other: String
  }

  /// The first result that is also another's, or that is one of the pictures. Two paths are one where they lead to one file.
  ///
  /// - Parameter results: every picture's, by the picture's path.
  package static func collision(
    _ results: [(picture: String, paths: [String])]
  ) -> Collision? {
    func key(_ path: String) -> PathKey { PathKey(FileName.resolved(path)) }
    var owners: [PathKey: String] = [:]
    for (picture, _) in results where picture != ListedPicture.standardInput {
      owners[key(picture)] = picture
    }
    for (picture, paths) in results {
      for path in paths {
        if let other = owners.updateValue(picture, forKey: key(path)) {
          return Collision(path: path, picture: picture, other: other)
        }
      }
    }
    return nil
  }

  /// Makes the folders that results go to.
  /// - Throws: `FileError.refused`.
  package static func makeFolders(for pictures: [ListedPicture], in folder: String) throws(FileError) {
    try Folder.make(folder)
    for subfolder in Set(pictures.map { PathKeyed($0.subfolder) }).map(\.path) where !subfolder.isEmpty {
      try Folder.make(FileName.joined(folder, subfolder))
    }
  }

  private struct PathKeyed: Hashable {
    let path: String

    init(_ path: String) { self.path = path }

    static func == (one: Self, other: Self) -> Bool { PathKey(one.path) == PathKey(other.path) }

    func hash(into hasher: inout Hasher) { hasher.combine(PathKey(path)) }
  }
}
