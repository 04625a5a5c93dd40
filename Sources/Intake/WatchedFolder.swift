internal import CLinux
import Checkpoints
import Foundation
import Platform
import Synchronization

/// A folder that pictures are put into to be worked on. One that is taken goes into its subfolder `working`, and from
/// there into `done`, or into `failed` beside a file with the reason, so that each is worked on once; what a killed
/// process had taken is put back when the next one starts. Only one process at a time watches a folder.
///
/// A file is taken once nobody has it open for writing. Where the file system cannot tell, it must have been untouched
/// for two seconds. Names that begin with a dot are left alone: whoever writes a file in several goes hides it so, and
/// renames it when it is whole.
public final class WatchedFolder: Sendable {
  public struct Taken: Sendable, Equatable {
    /// As it was put in.
    public let name: String
    /// Where it is now.
    public let path: String
  }

  public let path: String
  public var done: String { path + "/done" }
  public var failed: String { path + "/failed" }
  private var working: String { path + "/working" }

  private let lock: Int32
  private let taking = Mutex(())
  private let notices: FolderNotices

  private static let pause: Double = 2

  /// - Parameter onChange: called, on another thread, when there may be something new to take. It may be missed where the
  ///   system runs short, so look now and then all the same.
  /// - Throws: `IntakeError`.
  public init(_ path: String, onChange: @escaping @Sendable () -> Void) throws(IntakeError) {
    self.path = path
    for folder in [path, path + "/working", path + "/done", path + "/failed"] {
      do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch
      {
        throw .refused(.create, file: folder, cause: error.localizedDescription)
      }
    }
    let working = path + "/working"
    let descriptor = try checked(.lock, working) { open(working, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    lock = descriptor
    notices = FolderNotices(path, onChange)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw .inUse(folder: path) }
    // Taking a lease for an instant must not end the process, should somebody open the file in it.
    signal(SIGIO, SIG_IGN)
    for name in try Self.files(in: working) { try put(working + "/" + name, into: path, name) }
  }

  deinit { close(lock) }

  /// The next whole picture, of those there the one that was written first; nil where there is none now.
  /// - Throws: `IntakeError`.
  public func take() throws(IntakeError) -> Taken? {
    try taking.withLock { (_) throws(IntakeError) in
      for name in try waiting() {
        let (source, target) = (path + "/" + name, working + "/" + name)
        // One of the same name is being worked on.
        if access(target, F_OK) == 0 || !Self.isWhole(source) { continue }
        // Somebody may take it away in this moment.
        if rename(source, target) == 0 { return Taken(name: name, path: target) }
      }
      return nil
    }
  }

  /// It is done and goes, under another name where `done` has that already.
  public func finish(_ taken: Taken) throws(IntakeError) { try put(taken.path, into: done, taken.name) }

  /// It cannot be used: goes aside, with the reason in a file beside it.
  public func fail(_ taken: Taken, because reason: String) throws(IntakeError) {
    let name = try put(taken.path, into: failed, taken.name)
    let file = "\(failed)/\(name).reason.txt"
    do { try writeAtomically(Array((reason + "\n").utf8), to: file) } catch {
      throw .refused(.write, file: file, cause: "\(error)")
    }
  }

  /// It goes back to be taken again.
  public func giveBack(_ taken: Taken) throws(IntakeError) { try put(taken.path, into: path, taken.name) }

  /// The names of what could be taken, the oldest first.
  private func waiting() throws(IntakeError) -> [String] {
    var found: [(written: Double, name: String)] = []
    for name in try Self.files(in: path) {
      var status = stat()
      guard stat(path + "/" + name, &status) == 0 else { continue }
      found.append((Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) * 1e-9, name))
    }
    return found.sorted { $0 < $1 }.map(\.name)
  }

  /// Regular files that are not hidden.
  private static func files(in folder: String) throws(IntakeError) -> [String] {
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
      throw .refused(.list, file: folder, cause: error.localizedDescription)
    }
    return names.filter { name in
      var status = stat()
      return !name.hasPrefix(".") && lstat(folder + "/" + name, &status) == 0
        && status.st_mode & S_IFMT == S_IFREG
    }
  }

  private static func isWhole(_ path: String) -> Bool {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { return errno != ENOENT }
    defer { close(file) }
    if clinux_take_read_lease(file) == 0 { return true }
    if errno == EAGAIN { return false }
    var status = stat()
    fstat(file, &status)
    return Date().timeIntervalSince1970 - Double(status.st_mtim.tv_sec) > pause
  }

  /// Moves without ever replacing anything.
  /// - Returns: the name that it got.
  @discardableResult
  private func put(_ source: String, into folder: String, _ name: String) throws(IntakeError) -> String {
    let url = URL(filePath: name)
    var (free, number) = (name, 1)
    while access(folder + "/" + free, F_OK) == 0 {
      number += 1
      let stem = "\(url.deletingPathExtension().lastPathComponent)-\(number)"
      free = url.pathExtension.isEmpty ? stem : "\(stem).\(url.pathExtension)"
    }
    try checked(.move, source) { rename(source, folder + "/" + free) }
    return free
  }
}
