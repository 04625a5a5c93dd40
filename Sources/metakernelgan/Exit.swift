import ArgumentParser
import Foundation
import Numerics
import Restoration

/// Exit codes, as sysexits.h names them.
enum Exit {
  /// Some input could not be used; the others were.
  static let data = ExitCode(65)
  /// This machine lacks what the program needs.
  static let unavailable = ExitCode(69)
  /// A result could not be written.
  static let cannotCreate = ExitCode(73)
  /// Something must be configured first, such as a checkpoint; the same call will not do better.
  static let configuration = ExitCode(78)

  /// One line on standard error, then the code.
  static func because(_ reason: some CustomStringConvertible, _ code: ExitCode) -> ExitCode {
    Console.complain(reason.description)
    return code
  }

  /// Ends the command in one sentence where the processor is too old.
  static func unlessVectorUnit() throws {
    do { _ = try VectorUnit.current() } catch { throw because(error, unavailable) }
  }

  /// Makes the folders for pictures' results, or ends the command in one sentence.
  static func unlessFolders(_ pictures: [ListedPicture], in folder: String) throws {
    do { try ResultPaths.makeFolders(for: pictures, in: folder) } catch {
      throw because(error, cannotCreate)
    }
  }

  /// Makes a folder for results, or ends the command in one sentence.
  static func unlessFolder(_ path: String) throws {
    do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
      throw because("\(path): cannot make this folder: \(error.localizedDescription)", cannotCreate)
    }
  }
}

/// The two streams. Results go to standard output, everything else to standard error.
enum Console {
  static let isTerminal = isatty(STDERR_FILENO) == 1

  static func complain(_ line: String) { note("metakernelgan: " + line) }
  static func note(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
  static func result(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
