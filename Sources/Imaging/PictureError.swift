/// Why a picture could not be read, written or compared. `name` is the file's path, or whatever the caller of
/// `Picture.decode` called its bytes.
public enum PictureError: Error, Equatable, Sendable, CustomStringConvertible {
  case unreadable(name: String, reason: String)
  case empty(name: String)
  case unknownFormat(name: String)
  case unsupported(name: String, what: String)
  case tooLarge(name: String, width: Int, height: Int, limit: Int)
  case damaged(name: String, format: String, reason: String)
  case outOfMemory(name: String)
  case notEncoded(name: String, format: String, reason: String)
  case unwritable(name: String, reason: String)
  case differentSizes(width: Int, height: Int, otherWidth: Int, otherHeight: Int)
  case tooSmall(width: Int, height: Int, least: Int)

  public var description: String {
    switch self {
    case .unreadable(let name, let reason):
      "cannot read picture '\(name)': \(reason)"
    case .empty(let name):
      "cannot read picture '\(name)': the file is empty"
    case .unknownFormat(let name):
      "cannot read picture '\(name)': it is neither PNG nor JPEG; convert it to PNG"
    case .unsupported(let name, let what):
      "cannot read picture '\(name)': it is a \(what); convert it to RGB"
    case .tooLarge(let name, let width, let height, let limit):
      "cannot read picture '\(name)': \(width)x\(height) is more than "
        + "\(Self.megapixels(limit)) megapixels; crop it"
    case .damaged(let name, let format, let reason):
      "cannot read picture '\(name)': damaged \(format) (\(reason)); fetch or export it again"
    case .outOfMemory(let name):
      "cannot read picture '\(name)': out of memory"
    case .notEncoded(let name, let format, let reason):
      "cannot encode picture '\(name)' as \(format): \(reason)"
    case .unwritable(let name, let reason):
      "cannot write picture '\(name)': \(reason)"
    case .differentSizes(let width, let height, let otherWidth, let otherHeight):
      "cannot compare a picture of \(width)x\(height) pixels with one of \(otherWidth)x\(otherHeight): "
        + "crop both to one size"
    case .tooSmall(let width, let height, let least):
      "cannot compare pictures of \(width)x\(height) pixels: with this border, "
        + "\(least)x\(least) are needed at least"
    }
  }
  private static func megapixels(_ pixels: Int) -> String {
    pixels % 1_000_000 == 0 ? "\(pixels / 1_000_000)" : "\(Double(pixels / 10_000) / 100)"
  }
}
