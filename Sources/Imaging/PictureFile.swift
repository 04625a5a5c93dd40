import Foundation
import Platform

/// The bytes of a file or a pipe, with an error that names the file and the cause.
enum PictureFile {
  /// No picture needs more bytes a pixel: 16 bits of RGBA.
  private static let bytesPerPixel = 8

  /// Names of standard input.
  private static let standardInput = Set(["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])

  /// - Parameters:
  ///   - path: `-` and /dev/stdin are standard input, whatever it is.
  ///   - pipes: whether a pipe is read, too; it is waited for.
  ///   - limit: pixels.
  static func contents(
    of path: String, pipes: Bool = false, atMost limit: Int = Picture.maximumPixels
  ) throws(PictureError) -> [UInt8] {
    let most = bytesPerPixel * limit
    if standardInput.contains(path) {
      return try contents(of: STDIN_FILENO, path, isPipeAllowed: true, atMost: most)
    }
    let descriptor = FileName.withPath(path) { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    if descriptor < 0 { throw failure(path, errno) }
    defer { close(descriptor) }
    return try contents(
      of: descriptor, path, isPipeAllowed: pipes || path.hasPrefix("/dev/fd/"), atMost: most)
  }

  private static func contents(
    of descriptor: Int32, _ path: String, isPipeAllowed: Bool, atMost most: Int
  ) throws(PictureError) -> [UInt8] {
    var status = stat()
    if fstat(descriptor, &status) < 0 { throw failure(path, errno) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .unreadable(name: path, reason: "it is a folder; name a file in it")
    case S_IFIFO where isPipeAllowed, S_IFSOCK where isPipeAllowed: break
    default: throw .unreadable(name: path, reason: "it is not an ordinary file")
    }
    let isRegular = status.st_mode & S_IFMT == S_IFREG
    // Without a writer yet, reading would take a named pipe for an empty one.
    if !isRegular { waitForInput(descriptor) }
    let expected = isRegular ? Int(status.st_size) : 1 << 16
    if expected > most {
      throw .unreadable(name: path, reason: "\(expected) bytes are more than any picture needs")
    }
    return try read(descriptor, path, expecting: expected, atMost: most)
  }

  /// Reads to the end, which may lie beyond what a growing file's or a pipe's size promised.
  private static func read(
    _ descriptor: Int32, _ path: String, expecting size: Int, atMost most: Int
  ) throws(PictureError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: size + 1)
    var filled = 0
    while true {
      let count = try readSome(descriptor, of: path, into: &bytes, from: filled)
      if count == 0 { break }
      filled += count
      if filled > most {
        throw .unreadable(name: path, reason: "more than \(most) bytes came, more than any picture needs")
      }
      if filled == bytes.count { bytes += [UInt8](repeating: 0, count: filled) }
    }
    bytes.removeLast(bytes.count - filled)
    return bytes
  }

  /// Waits for input on a descriptor that does not block.
  /// - Returns: how many bytes came; 0 at the end.
  private static func readSome(
    _ descriptor: Int32, of path: String, into bytes: inout [UInt8], from start: Int
  ) throws(PictureError) -> Int {
    while true {
      let count = bytes.withUnsafeMutableBytes {
        Foundation.read(descriptor, $0.baseAddress?.advanced(by: start), $0.count - start)
      }
      if count >= 0 { return count }
      let code = errno
      if code == EAGAIN { waitForInput(descriptor) } else if code != EINTR { throw failure(path, code) }
    }
  }

  private static func waitForInput(_ descriptor: Int32) {
    var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    poll(&state, 1, -1)
  }

  /// Writes a file that appears whole or not at all.
  static func write(_ bytes: [UInt8], to path: String) throws(PictureError) {
    do { try writeAtomically(bytes, to: path, synced: false) } catch {
      throw .unwritable(name: path, reason: systemCause(error))
    }
  }

  private static func failure(_ path: String, _ code: Int32) -> PictureError {
    .unreadable(name: path, reason: systemText(code) + (code == ENOENT ? "; check the path" : ""))
  }
}
