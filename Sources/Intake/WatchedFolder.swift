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
///
/// What cannot be done now, such as a move on a read-only disk, is tried again after pauses that grow, and said once; other
/// pictures go on. A folder that is moved away is watched again once there is one of its name.
public final class WatchedFolder: Sendable {
  public struct Taken: Sendable, Equatable {
    /// As it was put in.
    public let name: String
    /// Where it is now.
    public let path: String
  }

  /// Where a picture goes when its work is over.
  private enum Target {
    case done
    case failed(reason: String)
    /// Into the folder, to be taken again.
    case back
  }

  private struct State {
    /// Nil while the folder is gone.
    var hold: FolderHold?
    /// Pictures that threads work on or that wait for a move, by name.
    var taken: Set<PathKey> = []
    /// Moves that failed and are tried again.
    var moves: [(taken: Taken, target: Target)] = []
    /// By name: of pictures to be taken again, and of moves.
    var retries: Retries
    var passedOver: Set<PathKey> = []
  }

  public let path: String
  public var done: String { path + "/done" }
  public var failed: String { path + "/failed" }
  private var working: String { path + "/working" }

  private let state: Mutex<State>
  private let onChange: @Sendable () -> Void
  private let log: @Sendable (String) -> Void

  private static let pause: Double = 2

  /// - Parameters:
  ///   - pauses: seconds until what failed is tried again, at first and at most.
  ///   - log: told in one line what an operator should know.
  ///   - onChange: called, on another thread, when there may be something new to take. It may be missed where the system
  ///     runs short, so look now and then all the same.
  /// - Throws: `IntakeError`.
  public init(
    _ path: String, pauses: ClosedRange<Double> = 1...300,
    log: @escaping @Sendable (String) -> Void = { _ in },
    onChange: @escaping @Sendable () -> Void
  ) throws(IntakeError) {
    (self.path, self.log, self.onChange) = (path, log, onChange)
    // Taking a lease for an instant must not end the process, should somebody open the file in it.
    signal(SIGIO, SIG_IGN)
    let hold = try FolderHold(path, onChange)
    try Self.recover(path, except: [])
    state = Mutex(State(hold: hold, retries: Retries(pauses: pauses)))
  }

  /// The next whole picture, of those there the one that was written first; nil where there is none now.
  /// - Throws: `IntakeError`.
  public func take() throws(IntakeError) -> Taken? {
    try state.withLock { (state) throws(IntakeError) in
      guard try isThere(&state) else { return nil }
      moveAgain(&state)
      for name in try waiting(&state) {
        let (source, target) = (path + "/" + name, working + "/" + name)
        // One of the same name is being worked on.
        if FolderMove.exists(target) || !state.retries.isDue(name) || !Self.isWhole(source) { continue }
        // Somebody may take it away in this moment.
        let code = FileName.withPath(source) { source in
          FileName.withPath(target) { rename(source, $0) == 0 ? 0 : errno }
        }
        if code == 0 {
          state.taken.insert(PathKey(name))
          return Taken(name: name, path: target)
        }
        if code != ENOENT {
          postpone(name, because: IntakeError.refused(.move, file: source, cause: systemText(code)), &state)
        }
      }
      return nil
    }
  }

  /// It is done and goes, under another name where `done` has that already.
  public func finish(_ taken: Taken) { end(taken, .done) }

  /// It cannot be used: goes aside, with the reason in a file beside it.
  public func fail(_ taken: Taken, because reason: String) { end(taken, .failed(reason: reason)) }

  /// What it needs is not to be had at present: it goes back, and is taken again after a pause. The reason is logged once a
  /// picture.
  public func postpone(_ taken: Taken, because reason: String) {
    state.withLock { state in
      if state.retries.postpone(taken.name, because: reason) {
        log("\(reason); \(quoted(taken.name)) stays in the folder and is tried again")
      }
    }
    end(taken, .back)
  }
}

extension WatchedFolder {
  private func end(_ taken: Taken, _ target: Target) {
    state.withLock { state in
      if case .back = target {} else { state.retries.forget(taken.name) }
      move(taken, to: target, &state)
    }
  }

  /// The moves that failed and are due.
  private func moveAgain(_ state: inout State) {
    let moves = state.moves
    state.moves = moves.filter { !state.retries.isDue($0.taken.name) }
    for (taken, target) in moves where state.retries.isDue(taken.name) {
      move(taken, to: target, &state)
    }
  }

  private func move(_ taken: Taken, to target: Target, _ state: inout State) {
    do {
      switch target {
      case .done: try FolderMove.move(taken.path, into: done, as: taken.name)
      case .back: try FolderMove.move(taken.path, into: path, as: taken.name)
      case .failed(let reason):
        let name = try FolderMove.move(taken.path, into: failed, as: taken.name)
        write(reason, of: name)
      }
    } catch {
      guard FolderMove.exists(taken.path) else {
        log("\(quoted(taken.name)) was taken away while it was worked on")
        state.taken.remove(PathKey(taken.name))
        return
      }
      state.moves.append((taken, target))
      return postpone(taken.name, because: error, &state)
    }
    state.taken.remove(PathKey(taken.name))
    if case .back = target { return }
    state.retries.forget(taken.name)
  }

  private func postpone(_ name: String, because error: IntakeError, _ state: inout State) {
    if state.retries.postpone(name, because: "\(error)") { log("\(error); it is tried again") }
  }

  /// - Parameter name: of the picture in `failed`.
  private func write(_ reason: String, of name: String) {
    let file = failed + "/" + FileName.fitted(name, ending: ".reason.txt")
    do { try writeAtomically(Array((reason + "\n").utf8), to: file) } catch {
      log("\(error); \(quoted(name)) is in \(quoted(failed)) without its reason: \(reason)")
    }
  }

  /// Looks whether the folder is still the one that is held, and holds another one of its name.
  private func isThere(_ state: inout State) throws(IntakeError) -> Bool {
    let now = FolderHold.Identity(path)
    if let hold = state.hold, let now, now == hold.identity { return true }
    guard Folder.kind(of: path) == .folder else {
      if state.hold != nil {
        log("\(quoted(path)) was moved away or removed; it is watched again once it is there")
      }
      state.hold = nil
      return false
    }
    // The lock of a folder that is there no more keeps nobody out; of the same one, it would keep us out.
    state.hold = nil
    state.hold = try FolderHold(path, onChange)
    try Self.recover(path, except: state.taken)
    log("\(quoted(path)) is another folder now; watching it")
    return true
  }

  /// Puts back what a killed process had taken.
  private static func recover(_ path: String, except taken: Set<PathKey>) throws(IntakeError) {
    for name in try names(in: path + "/working") where !taken.contains(PathKey(name)) {
      let source = path + "/working/" + name
      if !name.hasPrefix("."), Folder.kind(of: source, following: false) == .file {
        try FolderMove.move(source, into: path, as: name)
      }
    }
  }

  /// The names of what could be taken, the oldest first. Notes what is passed over.
  private func waiting(_ state: inout State) throws(IntakeError) -> [String] {
    let names = try Self.names(in: path)
    var found: [(written: Double, name: String)] = []
    for name in names {
      guard let written = written(name, &state) else { continue }
      found.append((written, name))
    }
    let present = Set(names.map { PathKey($0) })
    state.passedOver.formIntersection(present)
    state.retries.keep(present.union(state.taken))
    return found.sorted { $0 < $1 }.map(\.name)
  }

  /// Seconds since 1970; nil where it is no file that could be taken.
  private func written(_ name: String, _ state: inout State) -> Double? {
    var status = stat()
    guard FileName.withPath(path + "/" + name, { lstat($0, &status) }) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG where !name.hasPrefix("."):
      return Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) * 1e-9
    case S_IFREG where name.hasPrefix("._"):
      passOver(name, as: "a file that macOS put beside a picture", &state)
    case S_IFLNK where ["working", "done", "failed"].contains(name): break
    case S_IFLNK: passOver(name, as: "a link; put the picture itself into the folder", &state)
    default: break
    }
    return nil
  }

  private func passOver(_ name: String, as what: String, _ state: inout State) {
    if state.passedOver.insert(PathKey(name)).inserted {
      log("\(quoted(name)) is passed over: it is \(what)")
    }
  }

  private static func names(in folder: String) throws(IntakeError) -> [String] {
    do { return try Folder.names(in: folder) } catch {
      throw .refused(.list, file: folder, cause: systemCause(error))
    }
  }

  private static func isWhole(_ path: String) -> Bool {
    let file = FileName.withPath(path) { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard file >= 0 else { return errno != ENOENT }
    defer { close(file) }
    if clinux_take_read_lease(file) == 0 { return true }
    if errno == EAGAIN { return false }
    var status = stat()
    fstat(file, &status)
    return Date().timeIntervalSince1970 - Double(status.st_mtim.tv_sec) > pause
  }
}
