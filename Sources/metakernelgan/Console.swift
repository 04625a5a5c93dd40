import Foundation
import Platform
import Synchronization

/// The two streams. Results go to standard output, everything else to standard error.
///
/// What informs is dropped where it cannot be written. A result that cannot be written is said once on standard error,
/// and the command ends with exit code 73 (see `MetaKernelGAN.main`).
enum Console {
  static let isTerminal = isatty(STDERR_FILENO) == 1

  /// Whether a result could not be written, so that no other one needs to be tried.
  static var hasLostResults: Bool { lostResults.withLock { $0 } }

  private static let lostResults = Mutex(false)

  static func complain(_ line: String) { note("metakernelgan: " + line) }

  static func note(_ line: String) { StandardStream.errors.offer(shownLines(line) + "\n") }

  static func result(_ line: String) { write(result: line + "\n") }

  /// As `result`, with what ends the line already in it.
  static func write(result text: String) {
    do { try StandardStream.output.write(text.utf8) } catch {
      let isFirst = lostResults.withLock { lost in
        defer { lost = true }
        return !lost
      }
      if isFirst { complain("cannot write results to standard output: \(error); check where it leads") }
    }
  }
}

/// In this module printing a line is giving a result.
func print(_ line: String) { Console.result(line) }
