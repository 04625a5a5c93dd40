import Foundation
import Platform

/// The bytes of a file, with an error that names the file and the cause.
enum PictureFile {
  /// No picture of `Picture.maximumPixels` needs more: 16 bits of RGBA take 8 bytes a pixel.
  static let maximumBytes = 8 * Picture.maximumPixels

  static func contents(of path: String) throws(PictureError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 { throw failure(path) }
    defer { close(descriptor) }
    let size = try regularSize(descriptor, path)
    var bytes = [UInt8](repeating: 0, count: size)
    var filled = 0
    while filled < size {
      let count = bytes.withUnsafeMutableBytes {
        read(descriptor, $0.baseAddress?.advanced(by: filled), size - filled)
      }
      if count < 0 && errno == EINTR { continue }
      if count < 0 { throw failure(path) }
      if count == 0 { break }
      filled += count
    }
    bytes.removeLast(size - filled)
    return bytes
  }

  /// O_NONBLOCK and this check keep a pipe or device from hanging the program.
  private static func regularSize(_ descriptor: Int32, _ path: String) throws(PictureError) -> Int {
    var status = stat()
    if fstat(descriptor, &status) != 0 { throw failure(path) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .unreadable(name: path, reason: "it is a folder; name a file in it")
    default: throw .unreadable(name: path, reason: "it is not an ordinary file")
    }
    if status.st_size > maximumBytes {
      throw .unreadable(name: path, reason: "\(status.st_size) bytes are more than any picture needs")
    }
    return Int(status.st_size)
  }

  private static func failure(_ path: String) -> PictureError {
    let code = errno
    let advice = code == ENOENT ? "; check the path" : ""
    return .unreadable(name: path, reason: systemText(code) + advice)
  }
}
