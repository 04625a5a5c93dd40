import Foundation
import Platform
import Synchronization

/// The tokens that clients show, one a line, read again when the file changes: a token is withdrawn by a new file. Where the
/// new content cannot be used, the former tokens hold and the log says why, once.
final class TokenFile: Sendable {
  private struct State {
    var tokens: [[UInt8]]
    var stamp: FileStamp?
    var looked = Deadline.now
  }

  private let path: String
  private let log: @Sendable (String) -> Void
  private let state: Mutex<State>

  static let shortest = 32
  /// Seconds between looks at the file.
  private static let pause = 1.0

  /// - Throws: `ServiceError.badToken`.
  init(_ path: String, log: @escaping @Sendable (String) -> Void) throws(ServiceError) {
    let stamp = FileStamp(path)
    (self.path, self.log) = (path, log)
    state = Mutex(State(tokens: try Self.read(path), stamp: stamp))
  }

  /// Compares in a time that does not depend on where two tokens differ.
  func accepts(_ token: String) -> Bool {
    let given = Array(token.utf8)
    return current().map { equalInConstantTime($0, given) }.contains(true)
  }

  private func current() -> [[UInt8]] {
    state.withLock { state in
      guard state.looked.elapsed >= Self.pause else { return state.tokens }
      state.looked = .now
      let stamp = FileStamp(path)
      guard stamp != state.stamp else { return state.tokens }
      state.stamp = stamp
      do {
        state.tokens = try Self.read(path)
        log("HTTP: read the tokens in \(quoted(path)) again")
      } catch { log("HTTP: \(error); the former tokens hold") }
      return state.tokens
    }
  }

  private static func read(_ path: String) throws(ServiceError) -> [[UInt8]] {
    func refuse(_ reason: String) -> ServiceError { .badToken(file: path, reason: reason) }
    var status = stat()
    guard FileName.withPath(path, { stat($0, &status) }) == 0 else {
      throw refuse("\(systemText(errno)); make one with `openssl rand -hex 32`, mode 0600")
    }
    // Where another user owns it, as with a Kubernetes secret, the group may be this process's only way to read it.
    let forbidden: mode_t = status.st_uid == getuid() ? 0o077 : 0o007
    guard status.st_mode & forbidden == 0 else {
      throw refuse("other users of this machine can read it; chmod 600 it, and draw new tokens")
    }
    let bytes: [UInt8]
    do { bytes = try readFile(path) } catch { throw refuse(systemCause(error) + "; check the file") }
    let lines = bytes.split { $0 == 10 || $0 == 13 }.map { Array($0) }
    guard !lines.isEmpty,
      lines.allSatisfy({ $0.count >= shortest && $0.allSatisfy { (0x21...0x7E).contains($0) } })
    else {
      throw refuse(
        "every line must be a token of at least \(shortest) visible ASCII characters; make one with `openssl rand -hex 32`"
      )
    }
    return lines
  }
}
