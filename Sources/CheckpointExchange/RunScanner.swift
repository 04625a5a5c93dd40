import Checkpoints
import Foundation
import Messages
import Platform
import RunDirectory

/// Finds what there is to serve in folders that others write: takes no lease and changes nothing. Each file is read once
/// and its hash kept, so that looking again costs a system call a file. Used by one thread at a time.
final class RunScanner {
  private let folders: [String]
  private let accept: (String) throws -> Void
  private var known: [String: Known] = [:]

  private struct Known {
    let stamp: FileStamp
    /// The hash, or why the file is not served.
    let verdict: Result<String, Unusable>
  }

  private struct Unusable: Error { let reason: String }

  /// - Parameters:
  ///   - folders: each a run's folder, or the parent of such.
  ///   - accept: throws where a file is no good checkpoint.
  init(_ folders: [String], accept: @escaping (String) throws -> Void) {
    (self.folders, self.accept) = (folders, accept)
  }

  /// - Throws: `ExchangeError.noRuns`, for the first folder that cannot be read.
  func checkFolders() throws(ExchangeError) {
    for folder in folders {
      do { _ = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
        let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? POSIXError
        throw .noRuns(
          folder: folder,
          cause: cause.map { systemText($0.code.rawValue) } ?? "it is no folder")
      }
    }
  }

  /// What is there now, and one line for each thing that is left out.
  func scan() -> (catalogue: Catalogue, leftOut: [String]) {
    var runs: [String: [Catalogue.Item]] = [:]
    var places: [String: String] = [:]
    var leftOut: [String] = []
    var seen: Set<String> = []
    for folder in folders.flatMap(Self.runs) {
      let name = folder.servedName
      if let other = places[name], other != folder.path {
        leftOut.append("\(folder.path) is not served: \(other) bears the same name")
      } else {
        places[name] = folder.path
        runs[name] = items(of: folder, leftOut: &leftOut, seen: &seen)
      }
    }
    known = known.filter { seen.contains($0.key) }
    return (Catalogue(runs, folders: places), leftOut)
  }

  private static func runs(in folder: String) -> [RunFolder] {
    func isRun(_ path: String) -> Bool {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: RunFolder(path).checkpoints, isDirectory: &isFolder)
        && isFolder.boolValue
    }
    if isRun(folder) { return [RunFolder(folder)] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().map { folder + "/" + $0 }.filter(isRun).map { RunFolder($0) }
  }

  private func items(
    of folder: RunFolder, leftOut: inout [String], seen: inout Set<String>
  ) -> [Catalogue.Item] {
    let files = (try? folder.checkpointFiles()) ?? []
    return files.compactMap { file in
      guard let stamp = FileStamp(file.path) else { return nil }
      seen.insert(file.path)
      switch verdict(file.path, stamp) {
      case .success(let hash): return item(of: folder, file, stamp: stamp, sha256: hash)
      case .failure(let unusable):
        leftOut.append("\(file.path) is not served: \(unusable.reason)")
        return nil
      case nil: return nil
      }
    }
  }

  private func item(
    of folder: RunFolder, _ file: CheckpointFile, stamp: FileStamp, sha256: String
  ) -> Catalogue.Item {
    let evaluation = try? folder.evaluation(ofStep: file.step)
    let heldOut = evaluation.flatMap { evaluation in
      evaluation.sha256 == sha256
        ? ServedCheckpoint.HeldOut(
          psnrBefore: evaluation.psnrBefore, psnrAfter: evaluation.psnrAfter, tasks: evaluation.tasks) : nil
    }
    return Catalogue.Item(
      checkpoint: ServedCheckpoint(
        run: folder.servedName, step: file.step, sha256: sha256, size: file.size,
        written: max(stamp.written, 0),
        heldOut: heldOut),
      path: file.path, stamp: stamp)
  }

  /// Nil where the file went or changed while it was looked at; the next scan sees it.
  private func verdict(_ path: String, _ stamp: FileStamp) -> Result<String, Unusable>? {
    if let known = known[path], known.stamp == stamp { return known.verdict }
    let verdict: Result<String, Unusable>
    do {
      let hash = try SHA256.hex(ofFile: path)
      try accept(path)
      verdict = .success(hash)
    } catch { verdict = .failure(Unusable(reason: "\(error)")) }
    guard FileStamp(path) == stamp else { return nil }
    known[path] = Known(stamp: stamp, verdict: verdict)
    return verdict
  }
}
