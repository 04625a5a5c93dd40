import Foundation
import Imaging
import Support
import Testing
import TrainingData

/// A folder of pictures and a place for their data file.
final class PictureFolder {
  private let place: TemporaryFolder
  let url: URL

  init(_ names: [String] = []) throws {
    place = try TemporaryFolder()
    url = place.file("pictures")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    for name in names { try write(samplePicture(name), name) }
  }

  var path: String { url.path }
  var dataFile: String { place.file("data").path }

  func write(_ picture: Picture, _ name: String) throws {
    try write(picture.encodePNG(), name)
  }

  func write(_ bytes: [UInt8], _ name: String) throws {
    let file = url.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }

  func open() throws -> PictureSet { try open(.folders([path])) }

  func open(_ source: PictureSource) throws -> PictureSet {
    // Folders are removed with their last reference, which optimisation may drop early.
    try withExtendedLifetime(self) { try PictureSet(source, file: dataFile) }
  }

  /// Changes when the data file is replaced.
  func dataFileNumber() throws -> UInt64 {
    let attributes = try FileManager.default.attributesOfItem(atPath: dataFile)
    return try #require(attributes[.systemFileNumber] as? UInt64)
  }

  /// What lies beside the folder of pictures.
  func leftovers() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: place.url.path).filter { $0 != "pictures" }.sorted()
  }
}

/// Texture that depends on the name.
func samplePicture(_ name: String, width: Int = 208, height: Int = 200) -> Picture {
  var state = name.utf8.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
  let bytes = (0..<3 * width * height).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt8(state >> 56)
  }
  return Picture(width: width, height: height, rgb: bytes)
}

/// The samples of an 8-bit picture.
func bytes(_ picture: Picture) -> [UInt8] {
  if case .bits8(let samples) = picture.samples { samples } else { [] }
}

/// A JPEG of 200x200 pixels and four components, which ends where its data would begin.
let jpegWithoutTables: [UInt8] =
  [0xFF, 0xD8, 0xFF, 0xC0, 0, 20, 8, 0, 200, 0, 200, 4]
  + (1...4).flatMap { [$0, 0x11, 0] }
  + [0xFF, 0xDA, 0, 14, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0, 0xFF, 0xD9]

func crop(_ draw: CropDraw, of set: PictureSet) throws -> [UInt8] {
  try set.pixels(draw, side: CropDraw.side)
}

func errorText(_ body: () throws -> some Any) -> String {
  do {
    _ = try body()
    return "no error"
  } catch { return "\(error)" }
}
