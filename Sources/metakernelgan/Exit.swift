import ArgumentParser
import Foundation
import Numerics
import Platform
import Restoration

/// Exit codes, as sysexits.h names them.
enum Exit {
  /// Some input could not be used; the others were.
  static let data = ExitCode(65)
  /// This machine lacks what the program needs.
  static let unavailable = ExitCode(69)
  /// The run stopped itself.
  static let stopped = ExitCode(70)
  /// A result could not be written.
  static let cannotCreate = ExitCode(73)
  /// Not now: the same call may well do later.
  static let tryAgain = ExitCode(75)
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

  /// Ends the command in one sentence where the system gives too few files or threads.
  static func unlessResources(files: Int, threads: Int) throws {
    do { try Resources.require(files: files, threads: threads) } catch { throw because(error, unavailable) }
  }

  /// Makes the folders for pictures' results, or ends the command in one sentence.
  static func unlessFolders(_ pictures: [ListedPicture], in folder: String) throws {
    do { try ResultPaths.makeFolders(for: pictures, in: folder) } catch {
      throw because(error, cannotCreate)
    }
  }

  /// Makes a folder for results, or ends the command in one sentence.
  static func unlessFolder(_ path: String) throws {
    do { try Folder.make(path) } catch {
      throw because("\(quoted(path)): cannot make this folder: \(systemCause(error))", cannotCreate)
    }
  }
}
