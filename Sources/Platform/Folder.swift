import Foundation

/// What lies in a folder, by names of any bytes.
package enum Folder {
  package enum Kind: Sendable { case file, folder, link, other }

  /// The names in a folder without "." and "..", in the order of their bytes.
  ///
  /// - Throws: `FileError.missing` or `.refused`.
  package static func names(in path: String) throws(FileError) -> [String] {
    guard let handle = FileName.withPath(path, { opendir($0) }) else {
      throw errno == ENOENT ? .missing(path) : .refused(.read, file: path, cause: systemText(errno))
    }
    defer { closedir(handle) }
    var names: [(bytes: [UInt8], name: String)] = []
    while let entry = readdir(handle) {
      let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if bytes == [46] || bytes == [46, 46] { continue }
      names.append((bytes, FileName.decode(bytes)))
    }
    return names.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }.map(\.name)
  }

  /// What a path names; nil where there is nothing, or a link that leads nowhere.
  ///
  /// - Parameter following: whether a link counts as what it leads to.
  package static func kind(of path: String, following: Bool = true) -> Kind? {
    var status = stat()
    let code = FileName.withPath(path) { following ? stat($0, &status) : lstat($0, &status) }
    guard code == 0 else { return nil }
    return switch status.st_mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .folder
    case S_IFLNK: .link
    default: .other
    }
  }

  /// Makes a folder and those above it that are missing.
  ///
  /// - Throws: `FileError.refused`.
  package static func make(_ path: String) throws(FileError) {
    if kind(of: path) == .folder { return }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      let parent = String(path[..<slash])
      if kind(of: parent) == nil { try make(parent) }
    }
    let code = FileName.withPath(path) { mkdir($0, 0o777) == 0 ? 0 : errno }
    // Another process may have made it meanwhile.
    guard code == 0 || (code == EEXIST && kind(of: path) == .folder) else {
      throw .refused(.write, file: path, cause: systemText(code))
    }
  }

  /// Removes a folder with all in it, so far as the system lets it. Links are removed and not followed.
  package static func remove(_ path: String) {
    for name in (try? names(in: path)) ?? [] {
      let inner = path + "/" + name
      if kind(of: inner, following: false) == .folder {
        remove(inner)
      } else {
        _ = FileName.withPath(inner) { unlink($0) }
      }
    }
    removeIfEmpty(path)
  }

  /// Removes a folder in which there is nothing.
  package static func removeIfEmpty(_ path: String) { _ = FileName.withPath(path) { rmdir($0) } }
}
