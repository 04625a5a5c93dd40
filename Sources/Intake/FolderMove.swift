import Foundation
import Platform

/// Moves between folders that never replace anything, also to another disk.
enum FolderMove {
  /// - Returns: the name that the file got in the folder: its own, or with a number where that is taken; shortened where it
  ///   would be too long.
  /// - Throws: `IntakeError`.
  @discardableResult
  static func move(_ source: String, into folder: String, as name: String) throws(IntakeError) -> String {
    // Without the folders above it: the watched folder may just have been moved away, and is not ours to make anew.
    _ = FileName.withPath(folder) { mkdir($0, 0o777) }
    let free = freeName(name, in: folder)
    let target = folder + "/" + free
    let code = FileName.withPath(source) { source in
      FileName.withPath(target) { rename(source, $0) == 0 ? 0 : errno }
    }
    switch code {
    case 0: return free
    case EXDEV: try copy(source, to: target)
    default: throw .refused(.move, file: source, cause: systemText(code))
    }
    return free
  }

  static func exists(_ path: String) -> Bool { Folder.kind(of: path, following: false) != nil }

  /// To another disk: the copy is whole or not there, and the source goes only after it.
  private static func copy(_ source: String, to target: String) throws(IntakeError) {
    do { try writeAtomically(readFile(source), to: target) } catch {
      throw .refused(.move, file: source, cause: systemCause(error))
    }
    let code = FileName.withPath(source) { unlink($0) == 0 ? 0 : errno }
    if code != 0 {
      // One of the two must go, or each further try would leave another copy.
      _ = FileName.withPath(target) { unlink($0) }
      throw .refused(.move, file: source, cause: systemText(code))
    }
  }

  private static func freeName(_ name: String, in folder: String) -> String {
    let (stem, ending) = parts(name)
    var (free, number) = (FileName.fitted(stem, ending: ending), 1)
    while exists(folder + "/" + free) {
      number += 1
      free = FileName.fitted(stem, ending: "-\(number)\(ending)")
    }
    return free
  }

  /// A name's stem, and its ending with the dot. An ending of more than 16 bytes is none.
  private static func parts(_ name: String) -> (stem: String, ending: String) {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot != name.utf8.startIndex,
      let stem = String(name.utf8[..<dot]), let ending = String(name.utf8[dot...]), ending.utf8.count <= 16
    else { return (name, "") }
    return (stem, ending)
  }
}
