import Foundation
import Platform

/// Keys as files: the secret half, which nobody else may read, and the public one, which everybody may. A folder holds one
/// pair, `secret.key` and `public.key`, or, for a whole cluster, a pair for each kind of program, such as `worker.key` and
/// `worker.pub`, and the list of those that the coordinator lets in, `allow`.
public enum KeyFiles {
  /// The name of the coordinator's files in a cluster's folder.
  public static let coordinator = "coordinator"

  /// Where a folder's list of guests lies.
  public static func list(in folder: String) -> String { "\(folder)/allow" }

  /// Makes a key pair in a folder, which is made where it is missing.
  ///
  /// - Parameter name: in a cluster's folder; nil for the folder's only pair.
  /// - Throws: `KeyError`; a key that is there is never overwritten.
  @discardableResult
  public static func make(in folder: String, _ name: String? = nil) throws(KeyError) -> PublicKey {
    let keys = try KeyPair()
    do { try Folder.make(folder) } catch { throw .unwritable(file: folder, cause: systemCause(error)) }
    let (secret, open) = (name.map { $0 + ".key" } ?? "secret.key", name.map { $0 + ".pub" } ?? "public.key")
    try write(keys.secret, to: "\(folder)/\(secret)", mode: 0o600)
    try write(keys.publicKey.description, to: "\(folder)/\(open)", mode: 0o644)
    return keys.publicKey
  }

  /// Makes all that a cluster's run needs: a pair for the coordinator and one for each role, and the list of those that are
  /// let in.
  ///
  /// - Returns: the list's path.
  /// - Throws: `KeyError`; a file that is there is never overwritten.
  @discardableResult
  public static func makeCluster(in folder: String) throws(KeyError) -> String {
    let list = Self.list(in: folder)
    if Folder.kind(of: list, following: false) != nil { throw .exists(file: list) }
    try make(in: folder, coordinator)
    var lines = ["# NAME ROLE KEY"]
    for role in Role.allCases {
      lines.append("\(role.rawValue) \(role.rawValue) \(try make(in: folder, role.rawValue))")
    }
    try write(lines.joined(separator: "\n"), to: list, mode: 0o644)
    return list
  }

  /// The folder's only pair, or the one that a cluster's folder has for this kind of program.
  ///
  /// - Throws: `KeyError`, also where others can read the secret.
  public static func read(from folder: String, _ name: String) throws(KeyError) -> KeyPair {
    let special = "\(folder)/\(name).key"
    let file = Folder.kind(of: special) == nil ? "\(folder)/secret.key" : special
    return try KeyPair(secret: try line(of: file, isSecret: true))
  }

  /// - Parameter text: a file with a public key, or the key itself.
  /// - Throws: `KeyError`.
  public static func publicKey(_ text: String) throws(KeyError) -> PublicKey {
    Folder.kind(of: text) == .file
      ? try PublicKey(line(of: text, isSecret: false)) : try PublicKey(text)
  }

  /// The coordinator's public key in a cluster's folder; nil where it has none.
  public static func coordinatorKey(in folder: String) throws(KeyError) -> PublicKey? {
    let file = "\(folder)/\(coordinator).pub"
    return Folder.kind(of: file) == .file ? try publicKey(file) : nil
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
    // A group may read what belongs to somebody else, as Kubernetes mounts secrets: nobody but it could.
    let isOwn = status.st_uid == geteuid()
    if isSecret, mode & (isOwn ? 0o077 : 0o007) != 0 { throw .exposed(file: file, mode: mode) }
    var bytes = [UInt8](repeating: 0, count: 200)
    let count = Foundation.read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw .unreadable(file: file, cause: systemText(errno)) }
    return String(decoding: bytes.prefix(count), as: UTF8.self).trimmingCharacters(
      in: .whitespacesAndNewlines)
  }
}
