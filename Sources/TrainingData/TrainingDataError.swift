/// What can go wrong with the training pictures and the file that holds them. A file that a decoder refuses
/// is no error but a `SkippedPicture`; one that the system refuses to read is a `PictureError`.
public enum TrainingDataError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A folder of pictures cannot be listed, or one of its files not looked at.
  case unreadable(String, cause: String)
  /// Nothing usable was found.
  case noPictures(folders: [String], skipped: [SkippedPicture])
  /// One picture alone cannot be trained on and held out as well.
  case onePicture(path: String, skipped: [SkippedPicture])
  /// A picture had another size when it was read the second time.
  case changedWhileRead(path: String)
  /// The data file does not fit the disk; both figures in bytes.
  case diskFull(file: String, needed: Int, free: Int)
  /// The system refused to open, map, write or rename the data file.
  case refused(file: String, cause: String)
  /// The data file has another length than when it was opened.
  case resized(file: String, expected: Int, actual: Int)
  /// The data file's content is not what was written.
  case damaged(file: String, part: Part)

  public enum Part: String, Sendable { case pixels, tables }

  public var description: String {
    switch self {
    case .unreadable(let path, let cause):
      "cannot list training pictures, '\(path)': \(cause); check the path and its permissions"
    case .noPictures(let folders, let skipped):
      "cannot train on \(Self.list(folders)): no picture that can be read is there"
        + "\(Self.summary(skipped)); name a folder of pictures of at least "
        + "\(CropDraw.side) pixels on both sides"
    case .onePicture(let path, let skipped):
      "cannot train on '\(path)' alone: one picture is held out, so at least two usable ones are needed"
        + "\(Self.summary(skipped)); add pictures"
    case .changedWhileRead(let path):
      "cannot index training picture '\(path)': it changed while it was read; "
        + "start again when nothing writes to it"
    case .diskFull(let file, let needed, let free):
      "cannot write training data '\(file)': \((needed + 999_999) / 1_000_000) MB are needed and "
        + "\(free / 1_000_000) MB free; free some space or name another place"
    case .refused(let file, let cause):
      "cannot use training data '\(file)': \(cause); check the path, its permissions and the disk"
    case .resized(let file, let expected, let actual):
      "cannot read training data '\(file)': it has \(actual) bytes, \(expected) when it was opened; "
        + "start again to have it rebuilt"
    case .damaged(let file, let part):
      "cannot trust training data '\(file)': its \(part.rawValue) are not those that were written; "
        + "it is rebuilt at the next start; see what writes to it, and check the disk"
    }
  }

  /// The error if a data file does not fit, leaving a megabyte to others and to the file system's own
  /// records.
  package static func shortage(of needed: Int, free: Int, file: String) -> TrainingDataError? {
    needed + 1_000_000 <= free ? nil : .diskFull(file: file, needed: needed, free: free)
  }

  private static func list(_ folders: [String]) -> String {
    folders.isEmpty ? "no folder" : folders.map { "'\($0)'" }.joined(separator: ", ")
  }

  private static func summary(_ skipped: [SkippedPicture]) -> String {
    skipped.first.map { " (\(skipped.count) skipped, the first, '\($0.path)': \($0.reason))" } ?? ""
  }
}

/// A file that was found and left out.
public struct SkippedPicture: Sendable, Equatable, Codable {
  /// Relative to its folder.
  public let path: String
  public let reason: String

  public init(path: String, reason: String) { (self.path, self.reason) = (path, reason) }
}
