import Foundation
import Platform

/// Keys as files: `secret.key`, which nobody else may read, and `public.key`, which everybody may.
public enum KeyFiles {
  static let secretName = "secret.key"
  static let publicName = "public.key"

  /// Makes a key pair in a folder, which is made where it is missing.
  ///
  /// - Throws: `KeyError`; a key that is there is never overwritten.
  @discardableResult
  public static func make(in folder: String) throws(KeyError) -> PublicKey {
    let keys = try KeyPair()
    do { try Folder.make(folder) } catch { throw .unwritable(file: folder, cause: systemCause(error)) }
    try write(keys.secret, to: "\(folder)/\(secretName)", mode: 0o600)
    try write(keys.publicKey.description, to: "\(folder)/\(publicName)", mode: 0o644)
    return keys.publicKey
  }

  /// - Throws: `KeyError`, also where others can read the secret.
  public static func read(from folder: String) throws(KeyError) -> KeyPair {
    let file = "\(folder)/\(secretName)"
    return try KeyPair(secret: try line(of: file, isSecret: true))
  }

  /// - Parameter text: a file with a public key, a folder with a `public.key`, or the key itself.
  /// - Throws: `KeyError`.
  public static func publicKey(_ text: String) throws(KeyError) -> PublicKey {
    switch Folder.kind(of: text) {
    case .folder: try PublicKey(line(of: "\(text)/\(publicName)", isSecret: false))
    case .file: try PublicKey(line(of: text, isSecret: false))
    case .link, .other, nil: try PublicKey(text)
    }
  }

  /// Creates a file that is not there yet.
  public static func write(_ text: String, to file: String, mode: UInt32) throws(KeyError) {
    let descriptor = FileName.withPath(file) {
      open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
    }
    guard descriptor >= 0 else {
      let code = errno
      throw code == EEXIST ? .exists(file: file) : .unwritable(file: file, cause: systemText(code))
    }
    defer { close(descriptor) }
    let bytes = Array((text + "\n").utf8)
    // The umask may have taken rights away from the public one.
    guard fchmod(descriptor, mode) == 0, Foundation.write(descriptor, bytes, bytes.count) == bytes.count,
      fsync(descriptor) == 0
    else { throw .unwritable(file: file, cause: systemText(errno)) }
  }

  private static func line(of file: String, isSecret: Bool) throws(KeyError) -> String {
    let descriptor = FileName.withPath(file) { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard descriptor >= 0 else { throw .unreadable(file: file, cause: systemText(errno)) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(file: file, cause: "it is not a file")
    }
    let mode = Int(status.st_mode & 0o777)
    if isSecret, mode & 0o077 != 0 { throw .exposed(file: file, mode: mode) }
    var bytes = [UInt8](repeating: 0, count: 200)
    let count = Foundation.read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw .unreadable(file: file, cause: systemText(errno)) }
    return String(decoding: bytes.prefix(count), as: UTF8.self).trimmingCharacters(
      in: .whitespacesAndNewlines)
  }
}
