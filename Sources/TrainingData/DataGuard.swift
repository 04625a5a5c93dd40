import Foundation
import Platform

/// Notices that the mapped data file is not what it was while a training draws from it: somebody wrote to it, or the disk
/// gives other bytes.
///
/// The whole file is hashed once in the background from the start on, at memory's or the disk's speed, and again whenever
/// its times or its length have changed since; a check is otherwise one system call. A file that is found out is removed,
/// so that the next start builds it again.
public final class DataGuard: Sendable {
  private struct State {
    /// When the file was last known to be as written, or began to be hashed.
    var stamp: MappedFile.Stamp
    var isHashing = true
    var isClosed = false
    var failure: TrainingDataError?
    var thread: NamedThread?
  }

  private let pictures: PictureSet
  private let state: Monitor<State>

  /// - Throws: `TrainingDataError.refused`, `ThreadError`.
  public init(_ pictures: PictureSet) throws {
    self.pictures = pictures
    let state = Monitor(State(stamp: try pictures.file.stamp()))
    self.state = state
    let thread = try NamedThread("data guard") {
      let failure = Self.failure(of: pictures) { state.update { $0.isClosed } }
      state.update { ($0.isHashing, $0.failure) = (false, failure) }
    }
    state.update { $0.thread = thread }
  }

  deinit { close() }

  /// Ends the hashing in the background.
  public func close() {
    let thread = state.update { state in
      defer { state.thread = nil }
      state.isClosed = true
      return state.thread
    }
    thread?.join()
  }

  /// - Parameter waiting: whether to wait for the hash of the whole file, should it still be under way.
  /// - Throws: `TrainingDataError.damaged` and `.resized`, after the file was removed.
  public func check(waiting: Bool) throws {
    let failure = state.wait(until: waiting ? nil : .now) { state -> TrainingDataError?? in
      state.isHashing ? nil : .some(state.failure)
    }
    if let found = failure ?? nil { throw removing(found) }
    let stamp = try pictures.file.stamp()
    guard stamp != state.update({ $0.stamp }) else { return }
    if let found = Self.failure(of: pictures, isCancelled: { false }) { throw removing(found) }
    state.update { $0.stamp = stamp }
  }

  private func removing(_ failure: TrainingDataError) -> TrainingDataError {
    _ = FileName.withPath(pictures.file.path) { unlink($0) }
    return failure
  }

  private static func failure(
    of pictures: PictureSet, isCancelled: () -> Bool
  ) -> TrainingDataError? {
    do { try pictures.verify(isCancelled: isCancelled) } catch {
      // A libcrypto that does not hash says nothing of the data.
      return error as? TrainingDataError
    }
    return nil
  }
}
