import Foundation
import Synchronization

/// Standard output and standard error. All writing goes through here: a terminal that is gone, a full disk or a closed
/// pipe is an answer and not the program's end, as it is with `FileHandle.write` and `print`.
package enum StandardStream: Int32, Sendable {
  case output = 1
  case errors = 2

  /// Writes all of `bytes`, waiting where the reader is slow.
  ///
  /// - Throws: `StreamError`; some of the bytes may have been written.
  package func write(_ bytes: some Collection<UInt8>) throws(StreamError) {
    let all = Array(bytes)
    var begin = 0
    while begin < all.count {
      do {
        begin += try checked(StreamError.init) {
          all.withUnsafeBytes {
            Foundation.write(rawValue, $0.baseAddress?.advanced(by: begin), $0.count - begin)
          }
        }
      } catch {
        guard error.code == EAGAIN else { throw error }
        var request = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
        poll(&request, 1, -1)
      }
    }
  }

  /// Writes lines that only inform: what cannot be written is dropped.
  package func offer(_ text: String) { try? write(text.utf8) }

  /// Opens descriptors 0 to 2 where they are closed, so that no file of ours gets their numbers and the log lines with
  /// them. As glibc does for privileged programs, in the wrong direction, so that using them fails instead of passing
  /// for success.
  package static func occupyMissing() {
    for number in Int32(0)...2 where fcntl(number, F_GETFD) == -1 {
      // open(2) gives the lowest free number, which is this one.
      _ = open("/dev/null", number == 0 ? O_WRONLY : O_RDONLY)
    }
  }
}

/// A standard stream that cannot be written to.
package struct StreamError: Error, Equatable, Sendable, CustomStringConvertible {
  /// errno.
  package let code: Int32

  init(code: Int32) { self.code = code }

  package var description: String { systemText(code) }
}

/// Text that may hold anything, such as a peer's words, made fit for a terminal: control characters and those that change
/// the direction of writing become escape sequences. Line ends stay.
package func shownLines(_ text: String) -> String {
  // By code points: a carriage return and a line feed are one character.
  text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
    .map { FileName.shown(String(String.UnicodeScalarView($0))) }.joined(separator: "\n")
}
