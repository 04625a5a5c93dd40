import Foundation
import RunDirectory
import Synchronization
import Training

/// A training's log: every line into the run's file, and on standard error unless quiet; on a terminal with a progress
/// line below.
final class TrainingLog: Sendable {
  private let file: Mutex<FileHandle>
  private let quiet: Bool
  private let bar = Mutex(StatusLine())
  private let lastSparse = Mutex(Date())

  /// - Throws: exit code 73 where the run's folder cannot be written to.
  init(_ folder: RunFolder, quiet: Bool) throws {
    do {
      try folder.create()
      if !FileManager.default.fileExists(atPath: folder.log) {
        try Data().write(to: URL(filePath: folder.log))
      }
      let handle = try FileHandle(forWritingTo: URL(filePath: folder.log))
      try handle.seekToEnd()
      file = Mutex(handle)
    } catch { throw Exit.because("\(folder.log): cannot be written: \(error)", Exit.cannotCreate) }
    self.quiet = quiet
  }

  func write(_ line: String) {
    writeFile(line)
    guard !quiet else { return }
    bar.withLock { $0.clear() }
    Console.note(line)
  }

  private func writeFile(_ line: String) {
    // A full disk must not stop the training; the line is still on standard error.
    file.withLock { try? $0.write(contentsOf: Data("\(Date().ISO8601Format()) \(line)\n".utf8)) }
  }

  /// A progress line on a terminal; elsewhere, and in the file, one line a minute.
  func show(_ status: CoordinatorProcess.Status) {
    let text = Self.text(status)
    let isDue = lastSparse.withLock { last -> Bool in
      guard -last.timeIntervalSinceNow >= 60 else { return false }
      last = Date()
      return true
    }
    if isDue { writeFile(text) }
    guard !quiet else { return }
    if Console.isTerminal { bar.withLock { $0.show(text) } } else if isDue { Console.note(text) }
  }

  func finish() { bar.withLock { $0.clear() } }

  static func text(_ status: CoordinatorProcess.Status) -> String {
    let left = status.tasksPerSecond > 0 && status.step > 0 ? status.secondsLeft : nil
    return "step \(status.step)/\(status.steps), \(String(format: "%.1f", status.tasksPerSecond)) tasks/s, "
      + String(
        format: "kernel loss %.3f, kernel PSNR %.1f -> %.1f dB, ", status.kernelLoss, status.psnrBefore,
        status.psnrAfter)
      + "\(status.workers) workers" + (left.map { ", \(Self.duration($0)) left" } ?? "")
  }

  private static func duration(_ seconds: Double) -> String {
    let minutes = Int(seconds / 60)
    return minutes >= 60
      ? "\(minutes / 60) h \(minutes % 60) min" : minutes > 0 ? "\(minutes) min" : "\(Int(seconds)) s"
  }
}
