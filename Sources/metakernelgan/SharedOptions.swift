import ArgumentParser
import Estimation
import Foundation
import Platform
import Restoration

/// The pictures that a command works on.
struct PictureArguments: ParsableArguments {
  @Argument(
    help: "Pictures, folders of pictures, or - for a picture on standard input.", completion: .file())
  var pictures: [String]

  @Flag(help: "Look into the folders in folders as well; results lie in folders of the same names.")
  var recursive = false

  /// The pictures, once it is said what was passed over.
  /// - Throws: `ValidationError`, or exit code 65 with one line.
  func list(_ run: RunOptions) throws -> [ListedPicture] {
    let list: PictureList
    do { list = try PictureList(pictures, recursive: recursive) } catch .standardInputTwice {
      throw ValidationError("\(PictureListError.standardInputTwice)")
    } catch { throw Exit.because(error, Exit.data) }
    if !run.quiet { for note in list.notes { Console.note(note) } }
    return list.pictures
  }
}

/// The scale of kernels that are estimated.
struct ScaleOption: ParsableArguments {
  @Option(help: "2 or 4.")
  var scale = 2

  func validate() throws { try Self.check(scale) }

  static func check(_ scale: Int?) throws {
    guard scale == nil || scale == 2 || scale == 4 else { throw ValidationError("--scale must be 2 or 4.") }
  }
}

/// The side of the central part of a picture, in pixels of the enlarged one.
enum CropSide {
  static func check(_ side: Int?) throws {
    guard (64...65536).contains(side ?? 64) else { throw ValidationError("--crop must be from 64 to 65536.") }
  }
}

/// How much is worked on at a time.
struct JobsOption: ParsableArguments {
  @Option(help: "Pictures worked on at a time, one core each. (default: the number of cores)")
  var jobs: Int?

  /// The number that was asked for, or that of the cores.
  var count: Int { jobs ?? ProcessorCount.available }

  func validate() throws {
    guard (1...1024).contains(jobs ?? 1) else { throw ValidationError("--jobs must be from 1 to 1024.") }
  }
}

/// How the commands that work on many pictures go about it.
struct RunOptions: ParsableArguments {
  @OptionGroup var work: JobsOption

  @Flag(help: "Print the results on standard output as JSON, one line a picture.")
  var json = false

  @Flag(help: "Print nothing but errors (and JSON, with --json).")
  var quiet = false
}

extension Restorer {
  /// A restorer as the options say.
  /// - Throws: exit code 64 or 78 with one line where it cannot be made so.
  static func load(_ options: Options) throws -> Restorer {
    do { return try Restorer(options) } catch let error as EstimationError {
      if case .notFollowed = error { throw ValidationError("\(error)") }
      throw Exit.because(error, Exit.configuration)
    } catch { throw Exit.because("\(error)", Exit.configuration) }
  }
}
