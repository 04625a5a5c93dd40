import BlurKernels
import Imaging
import Numerics

/// The pictures of a source, before they are read. Each is read twice: once to learn its size, on which the
/// disk space needed depends, and once to write it, so that never more than one is in memory.
struct PictureSupply {
  let origin: PictureOrigin
  /// What has a picture's name and is none.
  let passedOver: [SkippedPicture]
  /// Reads all pictures once.
  let survey: () throws -> Survey

  struct Survey {
    var pictures: [Planned] = []
    var skipped: [SkippedPicture] = []
  }

  struct Planned {
    let entry: PictureEntry
    /// (height, width, 3).
    let pixels: () throws -> [UInt8]
  }

  init(_ source: PictureSource) throws(TrainingDataError) {
    switch source {
    case .folders(let folders, let count, let seed):
      try self.init(folders: folders, drawn: count, seed: seed)
    case .deadLeaves(let seed, let count): self.init(seed: seed, count: count)
    }
  }

  // MARK: files

  private init(folders: [String], drawn count: Int, seed: UInt64) throws(TrainingDataError) {
    let search = try FoundFile.all(in: folders)
    let files = search.files
    passedOver = search.passedOver
    let stamps = files.map(\.stamp)
    origin = count > 0 ? .mixture(stamps, seed: seed, count: count) : .files(stamps)
    survey = {
      var survey = try Self.survey(files)
      survey.pictures += (0..<count).map { Self.drawn(index: $0, of: count, seed: seed) }
      switch survey.pictures.count {
      case 0: throw TrainingDataError.noPictures(folders: folders, skipped: survey.skipped)
      case 1: throw TrainingDataError.onePicture(path: survey.pictures[0].entry.path, skipped: survey.skipped)
      default: return survey
      }
    }
  }

  private static func survey(_ files: [FoundFile]) throws -> Survey {
    var survey = Survey()
    for file in files {
      switch try finding(file) {
      case .usable(let entry):
        survey.pictures.append(Planned(entry: entry) { try Picture.read(file.location).rgb8(as: entry) })
      case .unusable(let reason):
        survey.skipped.append(SkippedPicture(path: file.stamp.path, reason: reason))
      }
    }
    return survey
  }

  private enum Finding {
    case usable(PictureEntry)
    case unusable(reason: String)
  }

  private static func finding(_ file: FoundFile) throws(PictureError) -> Finding {
    let picture: Picture
    do {
      picture = try Picture.read(file.location)
    } catch {
      return .unusable(reason: try damage(error, of: file))
    }
    let side = CropDraw.side
    if picture.width >= side && picture.height >= side {
      return .usable(PictureEntry(path: file.stamp.path, width: picture.width, height: picture.height))
    }
    let size = "\(picture.width)x\(picture.height)"
    return .unusable(reason: "it has \(size) pixels, at least \(side)x\(side) are needed")
  }

  /// What is wrong with the picture, unless it is the system that refuses to read it.
  private static func damage(_ error: PictureError, of file: FoundFile) throws(PictureError) -> String {
    switch error {
    case .unreadable, .outOfMemory, .notEncoded, .unwritable, .differentSizes, .tooSmall, .cancelled:
      throw error
    case .empty, .unknownFormat, .foreign, .tooLarge, .tooCostly, .damaged:
      // Without the file's path, which depends on where the folder is.
      return error.cause
    }
  }

  // MARK: dead leaves

  /// Four times the area of a crop, and drawn in a few milliseconds.
  private static let drawnSide = 2 * CropDraw.side

  private init(seed: UInt64, count: Int) {
    precondition(count >= 2, "one picture is held out, so at least two are needed")
    origin = .deadLeaves(seed: seed, count: count)
    passedOver = []
    survey = {
      Survey(pictures: (0..<count).map { Self.drawn(index: $0, of: count, seed: seed) })
    }
  }

  /// Named by its index, with leading zeros so that the order of names is that of indices.
  private static func drawn(index: Int, of count: Int, seed: UInt64) -> Planned {
    let zeros = String(repeating: "0", count: String(count).count - String(index).count)
    let name = "dead-leaves-\(zeros)\(index)"
    return Planned(entry: PictureEntry(path: name, width: drawnSide, height: drawnSide)) {
      var random = Philox(key: Philox.key(seed, .picture, UInt64(index)))
      return DeadLeaves.draw(width: drawnSide, height: drawnSide, using: &random)
    }
  }
}

extension Picture {
  /// The samples as 8 bits, 16-bit ones divided by 257 and rounded to the nearest (65535 = 255 * 257).
  fileprivate func rgb8(as entry: PictureEntry) throws(TrainingDataError) -> [UInt8] {
    if (width, height) != (entry.width, entry.height) { throw .changedWhileRead(path: entry.path) }
    return switch samples {
    case .bits8(let samples): samples
    case .bits16(let samples): samples.map { UInt8((Int($0) + 128) / 257) }
    }
  }
}
