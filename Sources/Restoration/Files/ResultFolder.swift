import Foundation
import Platform
import Synchronization

/// Where an estimator's results go. Pictures of the same name come again, so a name that is taken gets a number.
package final class ResultFolder: Sendable {
  package let path: String
  private let files: KernelFiles
  private let naming = Mutex<Set<PathKey>>([])

  /// - Parameter folder: nil where nothing will be written.
  /// - Throws: `FileError.refused` where it cannot be made.
  package init(_ folder: String?, scale: Int) throws {
    path = folder ?? ""
    files = KernelFiles(folder: path, formats: KernelFiles.Format.allCases, scale: scale)
    if let folder { try Folder.make(folder) }
  }

  /// Writes all files or, where one cannot be, none.
  /// - Returns: the report with the names of the files.
  package func write(_ found: FoundKernel, _ report: KernelReport) throws -> KernelReport {
    // It may have been removed. Not with the folders above it, which are the user's.
    _ = FileName.withPath(path) { mkdir($0, 0o777) }
    var report = report
    let name = claim(report.picture)
    defer { naming.withLock { _ = $0.remove(PathKey(name)) } }
    do { try files.write(found, stem: name, &report) } catch {
      for format in files.formats { _ = FileName.withPath(files.path(stem: name, format)) { unlink($0) } }
      throw error
    }
    return report
  }

  /// A name that neither a file nor another thread has.
  private func claim(_ picture: String) -> String {
    // With room for a number and the longest ending.
    let stem = FileName.fitted(FileName.stem(picture), limit: FileName.longest - 40)
    return naming.withLock { claimed in
      var (name, number) = (stem, 1)
      while claimed.contains(PathKey(name)) || isTaken(name) {
        number += 1
        name = "\(stem)-\(number)"
      }
      claimed.insert(PathKey(name))
      return name
    }
  }

  private func isTaken(_ name: String) -> Bool {
    KernelFiles.Format.allCases.contains {
      Folder.kind(of: files.path(stem: name, $0), following: false) != nil
    }
  }
}
