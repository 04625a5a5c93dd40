import Foundation
import Imaging
import Platform

/// A picture to work on: a file, or standard input.
package struct ListedPicture: Sendable {
  /// As it is opened, "-" for standard input.
  package let path: String
  /// The folders between the folder that was named and the picture, "" for none: results lie in folders of these names.
  package let subfolder: String

  package static let standardInput = "-"

  package init(path: String, subfolder: String = "") { (self.path, self.subfolder) = (path, subfolder) }

  /// What results' names begin with.
  package var stem: String { path == Self.standardInput ? "stdin" : FileName.stem(path) }

  /// For people.
  package var shown: String { path == Self.standardInput ? "standard input" : FileName.shown(path) }
}

/// The pictures that a command's arguments name: files as they are, folders by the pictures in them.
package struct PictureList: Sendable {
  /// In the order of the arguments, those of a folder in the order of their names' bytes.
  package private(set) var pictures: [ListedPicture] = []
  /// What was passed over in folders, a sentence a folder.
  package private(set) var notes: [String] = []

  /// Endings of the names that are taken from a folder, in lower case. A picture of another name must be named itself.
  package static let endings = Picture.readableExtensions

  /// - Parameters:
  ///   - arguments: files, folders, or "-" for standard input.
  ///   - recursive: whether folders in folders are looked through; links to folders are followed.
  /// - Throws: `PictureListError`, where a folder cannot be listed, holds no picture, or standard input is named twice.
  package init(_ arguments: [String], recursive: Bool = false) throws(PictureListError) {
    guard arguments.count(where: { $0 == ListedPicture.standardInput }) < 2 else {
      throw .standardInputTwice
    }
    for argument in arguments {
      guard argument != ListedPicture.standardInput, Folder.kind(of: argument) == .folder else {
        pictures.append(ListedPicture(path: argument))
        continue
      }
      let before = pictures.count
      try list(FolderPlace(path: argument, subfolder: ""), recursive, above: [])
      guard pictures.count > before else { throw .empty(folder: argument, isRecursive: recursive) }
    }
  }

  private struct FolderPlace {
    let path, subfolder: String
  }

  /// - Parameter above: the folders on the way here, so that a link to one of them ends the walk.
  private mutating func list(
    _ folder: FolderPlace, _ recursive: Bool, above: Set<PathKey>
  ) throws(PictureListError) {
    let names: [String]
    do { names = try Folder.names(in: folder.path) } catch { throw .unreadable(error) }
    var passed = PassedOver()
    var inner: [FolderPlace] = []
    for name in names {
      let path = FileName.joined(folder.path, name)
      switch Folder.kind(of: path) {
      case nil: passed.links.append(name)
      case .folder:
        inner.append(FolderPlace(path: path, subfolder: FileName.joined(folder.subfolder, name)))
      case .file where Self.isPicture(name):
        pictures.append(ListedPicture(path: path, subfolder: folder.subfolder))
      default: passed.others.append(name)
      }
    }
    if !recursive { passed.folders = inner.map { FileName.last($0.path) } }
    if let note = passed.note(folder.path) { notes.append(note) }
    guard recursive else { return }
    let here = above.union([PathKey(FileName.resolved(folder.path))])
    for place in inner where !here.contains(PathKey(FileName.resolved(place.path))) {
      try list(place, recursive, above: here)
    }
  }

  /// Names that begin with a dot are hidden, or what macOS keeps beside a file on foreign disks (`._x.png`).
  private static func isPicture(_ name: String) -> Bool {
    name.utf8.first != UInt8(ascii: ".") && endings.contains(FileName.ending(name))
  }
}

/// What a folder holds that is no picture.
private struct PassedOver {
  var links: [String] = []
  var folders: [String] = []
  var others: [String] = []

  func note(_ folder: String) -> String? {
    let parts = [
      part(links, one: "link that leads nowhere", several: "links that lead nowhere"),
      part(
        folders, one: "folder (--recursive looks into it)",
        several: "folders (--recursive looks into them)"),
      part(
        others, one: "file that is no picture by its name",
        several: "files that are no pictures by their names"),
    ].compactMap { $0 }
    return parts.isEmpty
      ? nil : "\(FileName.shown(folder)): passed over \(parts.joined(separator: ", and "))"
  }

  private func part(_ names: [String], one: String, several: String) -> String? {
    if names.isEmpty { return nil }
    let shown = names.prefix(3).map(FileName.shown).joined(separator: ", ") + (names.count > 3 ? ", ..." : "")
    return "\(names.count) \(names.count == 1 ? one : several): \(shown)"
  }
}

/// Why arguments name no pictures.
package enum PictureListError: Error, Equatable, Sendable, CustomStringConvertible {
  case unreadable(FileError)
  case empty(folder: String, isRecursive: Bool)
  case standardInputTwice

  package var description: String {
    switch self {
    case .unreadable(let error): "\(error)"
    case .empty(let folder, let isRecursive):
      "\(FileName.shown(folder)): holds no picture"
        + (isRecursive ? "" : "; use --recursive to look into the folders in it")
    case .standardInputTwice: "- names standard input, which can be read once; name it once"
    }
  }
}
