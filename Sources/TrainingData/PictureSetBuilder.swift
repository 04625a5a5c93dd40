import Checkpoints
import Foundation
import Imaging
import Platform

/// Writes a data file (see `PictureIndex`) picture by picture.
struct PictureSetBuilder {
  private let file: ReplacementFile
  private let fingerprint: Fingerprint
  private let tablesHash: SHA256

  static func build(_ supply: PictureSupply, in file: ReplacementFile) throws {
    let survey = try supply.survey()
    var index = PictureIndex(
      origin: supply.origin, pictures: survey.pictures.map(\.entry), skipped: survey.skipped)
    let start = index.layout.end
    // The hashes, still missing, will take as much space as the zeros in their place.
    try file.requireSpace(start + index.encoded().count)
    let builder = try PictureSetBuilder(file, pictures: survey.pictures.count)
    for picture in survey.pictures { try builder.append(picture) }
    index.fingerprint = try builder.fingerprint.finish()
    index.tablesHash = try builder.tablesHash.finish()
    let json = try index.encoded()
    try json.withUnsafeBytes(file.append)
    try file.overwriteStart(FileHeader(index: json, at: start).encoded())
    try file.commit()
  }

  private init(_ file: ReplacementFile, pictures: Int) throws {
    self.file = file
    fingerprint = try Fingerprint(pictures: pictures)
    tablesHash = try SHA256()
    try append([UInt8](repeating: 0, count: FileHeader.size))
  }

  private func append(_ picture: PictureSupply.Planned) throws {
    let pixels = try picture.pixels()
    try pixels.withUnsafeBytes { try fingerprint.add(picture.entry, pixels: $0) }
    try append(pixels)
    let table = CropTable.make(
      for: Picture(width: picture.entry.width, height: picture.entry.height, rgb: pixels))
    try table.withUnsafeBytes { try tablesHash.update($0) }
    try append(table)
  }

  /// Fills up to where the next section starts.
  private func append(_ values: [some BitwiseCopyable]) throws {
    try values.withUnsafeBytes { bytes in
      try file.append(bytes)
      let gap = PictureIndex.aligned(bytes.count) - bytes.count
      try [UInt8](repeating: 0, count: gap).withUnsafeBytes(file.append)
    }
  }
}
