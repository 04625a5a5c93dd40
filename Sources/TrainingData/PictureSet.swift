import Checkpoints
import Foundation
import Platform

/// The training pictures, decoded, with a table for each by which crops are drawn from it: one file, mapped
/// into memory, which a second start uses as it is.
public struct PictureSet: Sendable {
  /// Sorted by the bytes of their paths.
  public let pictures: [PictureEntry]
  /// Files that were left out.
  public private(set) var skipped: [SkippedPicture]
  /// Which pictures these are, wherever they come from; see `Fingerprint`.
  public let fingerprint: String
  /// Indices into `pictures`, ascending. Every picture is in one of the two.
  public let training, heldOut: [Int]

  let file: MappedFile
  let sections: [PictureIndex.Section]
  private let tablesHash: String

  /// Opens the data file of a source, and builds it first where it is missing, damaged, of another version or
  /// made of other pictures, as told by the names, sizes and modification times of the source's files.
  ///
  /// One process builds at a time; others that want the same file wait for it. The file appears whole or not
  /// at all; a killed process leaves at most `file`.partial, which the next one removes.
  ///
  /// - Parameter file: where the data file is or will be; what else may be there is replaced.
  /// - Throws: `TrainingDataError`; `PictureError` where the system refuses to read a picture (one that is
  ///   damaged, too small or of another format is skipped instead).
  public init(_ source: PictureSource, file: String) throws {
    let supply = try PictureSupply(source)
    while true {
      if let ready = try PictureSet(opening: file, madeOf: supply.origin) {
        self = ready
        skipped += supply.passedOver
        return
      }
      if let partial = try ReplacementFile(for: file) { try PictureSetBuilder.build(supply, in: partial) }
    }
  }

  /// Nil unless the file is whole and was made of just this.
  private init?(opening path: String, madeOf origin: PictureOrigin) throws {
    guard let file = try MappedFile(path), let index = try PictureIndex(of: file.bytes),
      index.origin == origin
    else { return nil }
    self.file = file
    sections = index.layout.sections
    (pictures, skipped) = (index.pictures, index.skipped)
    (fingerprint, tablesHash) = (index.fingerprint, index.tablesHash)
    (training, heldOut) = try HeldOut.split(pictures.map(\.path))
  }

  /// Reads the whole file and compares it with what was written.
  /// - Throws: `TrainingDataError.damaged` or `.resized`.
  public func verify() throws { try verify { false } }

  /// As above; what is cancelled finds nothing wrong.
  /// - Parameter isCancelled: asked between pictures.
  func verify(isCancelled: () -> Bool) throws {
    try file.requireLength()
    let pixels = try Fingerprint(pictures: pictures.count)
    let tables = try SHA256()
    for (picture, section) in zip(pictures, sections) {
      if isCancelled() { return }
      try pixels.begin(picture)
      try file.read(section.pixels, pixels.append)
      try file.read(section.table) { try tables.update($0) }
    }
    if try pixels.finish() != fingerprint { throw TrainingDataError.damaged(file: file.path, part: .pixels) }
    if try tables.finish() != tablesHash { throw TrainingDataError.damaged(file: file.path, part: .tables) }
  }
}

extension PictureIndex {
  /// The index of a data file, or nil if the bytes are not those of a whole one.
  fileprivate init?(of file: UnsafeRawBufferPointer) throws {
    guard let header = FileHeader(file) else { return nil }
    let json = Data(file[header.indexOffset...])
    guard try FileHeader(index: json, at: header.indexOffset) == header,
      let index = try? JSONDecoder().decode(PictureIndex.self, from: json), index.isSound,
      index.layout.end == header.indexOffset
    else { return nil }
    self = index
  }
}
