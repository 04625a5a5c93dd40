import Platform

/// Where training pictures come from.
public enum PictureSource: Sendable, Equatable {
  /// The files with an extension of `Picture.readableExtensions` in these folders and the folders in them, linked ones
  /// included, each once. With them so many drawn ones, as `deadLeaves` has.
  case folders([String], drawn: Int = 0, seed: UInt64 = 0)
  /// Procedurally drawn pictures (see `DeadLeaves`), the same for the same seed on every machine.
  case deadLeaves(seed: UInt64, count: Int = 256)
}

/// What a data file was made of. While it stays the same, the file is trusted and no picture read again.
enum PictureOrigin: Codable, Equatable, Sendable {
  case files([PictureStamp])
  case mixture([PictureStamp], seed: UInt64, count: Int)
  case deadLeaves(seed: UInt64, count: Int)
}

/// By what a changed file is told.
struct PictureStamp: Codable, Equatable, Sendable {
  /// Relative to its folder.
  let path: String
  /// In bytes.
  let size: Int
  /// The modification time.
  let seconds, nanoseconds: Int
}
