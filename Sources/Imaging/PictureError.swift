import Platform

/// Why a picture could not be read, written or compared. `name` is the file's path, or whatever the caller of
/// `Picture.decode` called its bytes.
public enum PictureError: Error, Equatable, Sendable, CustomStringConvertible {
  case unreadable(name: String, reason: String)
  case empty(name: String)
  case unknownFormat(name: String)
  /// Something else that is known: `what` it is, and what to do with it.
  case foreign(name: String, what: String, advice: String)
  case tooLarge(name: String, width: Int, height: Int, limit: Int)
  /// Decoding would take more memory than a picture of the limit's size may.
  case tooCostly(name: String, width: Int, height: Int, bytes: Int, limit: Int)
  case damaged(name: String, format: String, reason: String)
  case outOfMemory(name: String)
  case notEncoded(name: String, format: String, reason: String)
  case unwritable(name: String, reason: String)
  case differentSizes(width: Int, height: Int, otherWidth: Int, otherHeight: Int)
  case tooSmall(width: Int, height: Int, least: Int)
  /// Whoever wanted the picture wants it no more.
  case cancelled

  public var description: String {
    switch self {
    case .unreadable(let name, _), .empty(let name), .unknownFormat(let name), .foreign(let name, _, _),
      .tooLarge(let name, _, _, _), .tooCostly(let name, _, _, _, _),
      .damaged(let name, _, _), .outOfMemory(let name):
      "cannot read picture '\(FileName.shown(name))': \(cause)"
    case .notEncoded(let name, let format, _):
      "cannot encode picture '\(FileName.shown(name))' as \(format): \(cause)"
    case .unwritable(let name, _):
      "cannot write picture '\(FileName.shown(name))': \(cause)"
    case .differentSizes(let width, let height, let otherWidth, let otherHeight):
      "cannot compare a picture of \(width)x\(height) pixels with one of \(otherWidth)x\(otherHeight): \(cause)"
    case .tooSmall(let width, let height, _):
      "cannot compare pictures of \(width)x\(height) pixels: \(cause)"
    case .cancelled: "the work on the picture was stopped, since \(cause)"
    }
  }

  /// The end of the description: why, and what to do, without what could not be done to which picture.
  public var cause: String {
    switch self {
    case .unreadable(_, let reason), .notEncoded(_, _, let reason), .unwritable(_, let reason): reason
    case .empty: "the file is empty"
    case .unknownFormat: "it is neither PNG, JPEG, TIFF, WebP, AVIF, HEIC, BMP nor GIF; convert it to PNG"
    case .foreign(_, let what, let advice): "it is \(what); \(advice)"
    case .tooLarge(_, let width, let height, let limit):
      "\(Self.size(width, height)) is more than \(Self.megapixels(limit)) megapixels; crop it"
    case .tooCostly(_, let width, let height, let bytes, let limit):
      "\(width)x\(height) pixels of this kind take \(bytes >> 20) MiB to decode, more than \(limit >> 20); crop it"
    case .damaged(_, let format, let reason): "damaged \(format) (\(reason)); fetch or export it again"
    case .outOfMemory: "out of memory"
    case .differentSizes: "crop both to one size"
    case .tooSmall(_, _, let least): "with this border, \(least)x\(least) are needed at least"
    case .cancelled: "nobody waits for its result any more"
    }
  }

  /// A thin picture counts as what it is repeated to before its kernel is estimated.
  private static func size(_ width: Int, _ height: Int) -> String {
    let padded = PictureSize(width: width, height: height).padded()
    return padded.width == width && padded.height == height
      ? "\(width)x\(height)" : "\(width)x\(height), which counts as \(padded.width)x\(padded.height),"
  }

  private static func megapixels(_ pixels: Int) -> String {
    pixels % 1_000_000 == 0 ? "\(pixels / 1_000_000)" : "\(Double(pixels / 10_000) / 100)"
  }
}
