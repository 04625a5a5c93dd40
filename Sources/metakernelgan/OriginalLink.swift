import Foundation
import Platform

/// A benchmark's link to an original picture, so that `evaluate` finds it.
enum OriginalLink {
  /// Links `path` to the picture, or copies the picture where the file system knows no links. A link that is there is
  /// replaced, and a file is kept where it is the picture itself.
  /// - Throws: `FileError`, also where another file is there.
  static func make(_ path: String, to picture: String) throws {
    let target = FileName.resolved(picture)
    switch Folder.kind(of: path, following: false) {
    case nil: break
    case .link: _ = FileName.withPath(path) { unlink($0) }
    case _ where PathKey(FileName.resolved(path)) == PathKey(target): return
    default:
      throw FileError.refused(
        .write, file: path, cause: "another file of this name is there, and would be taken for the original")
    }
    let code = FileName.withPath(target) { old in
      FileName.withPath(path) { symlink(old, $0) == 0 ? 0 : errno }
    }
    switch code {
    case 0: return
    case EPERM, ENOSYS, EOPNOTSUPP: try writeAtomically(readFile(picture), to: path, synced: false)
    default: throw FileError.refused(.write, file: path, cause: systemText(code))
    }
  }
}
