import ArgumentParser
import Foundation
import Platform
import RunDirectory
import Synchronization
import Training

/// A training's log: every line into the run's file, and on standard error unless quiet; on a terminal with a progress
/// line below. What cannot be written is dropped: a full disk or a terminal that is gone must not stop the training.
final class TrainingLog: Sendable {
  private let descriptor: Int32
  private let quiet: Bool
  private let asJSON: Bool
  private let bar = Mutex(StatusLine())
  private let lastSparse = Mutex(Deadline.now)

  /// Seconds between two progress lines where no terminal shows them all.
  private static let sparseInterval = 60.0

  private struct Entry: Encodable {
    let time: String
    let level: LogLevel
    let message: String
  }

  /// - Throws: exit code 73 where the run's folder cannot be written to.
  init(_ folder: RunFolder, quiet: Bool, asJSON: Bool) throws {
    func failure(_ code: Int32) -> FileError {
      .refused(.write, file: folder.log, cause: systemText(code))
    }
    do {
      try folder.create()
      descriptor = try checked(failure) {
        FileName.withPath(folder.log) { open($0, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666) }
      }
    } catch { throw Exit.because("\(error)", Exit.cannotCreate) }
    (self.quiet, self.asJSON) = (quiet, asJSON)
  }

  deinit { close(descriptor) }

  func write(_ line: String, _ level: LogLevel = .info) {
    writeFile(line, level)
    guard !quiet else { return }
    bar.withLock { $0.clear() }
    tell(line, level)
  }

  /// The error on standard error, quiet or not, and in the file; then the code to end with.
  func failure(_ error: any Error, _ code: ExitCode) -> ExitCode {
    bar.withLock { $0.clear() }
    writeFile("\(error)", .error)
    if asJSON { tell("\(error)", .error) } else { Console.complain("\(error)") }
    return code
  }

  /// What came of the training, on standard output unless quiet. The run's folder has it anyway, so it is no loss where
  /// it cannot be written.
  func conclude(with line: String) {
    bar.withLock { $0.clear() }
    writeFile(line, .info)
    if !quiet { StandardStream.output.offer(line + "\n") }
  }

  private func tell(_ line: String, _ level: LogLevel) { Console.note(asJSON ? json(line, level) : line) }

  private func writeFile(_ line: String, _ level: LogLevel) {
    let text = asJSON ? json(line, level) : "\(Date().ISO8601Format()) \(shownLines(line))"
    // In one piece: with O_APPEND lines of several writers stay whole.
    let bytes = Array((text + "\n").utf8)
    _ = Foundation.write(descriptor, bytes, bytes.count)
  }

  private func json(_ line: String, _ level: LogLevel) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let entry = Entry(time: Date().ISO8601Format(), level: level, message: shownLines(line))
    return (try? encoder.encode(entry)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }

  /// A progress line on a terminal; elsewhere, and in the file, one line a minute.
  func show(_ status: CoordinatorProcess.Status) {
    let text = Self.text(status)
    let isDue = lastSparse.withLock { last -> Bool in
      guard last.elapsed >= Self.sparseInterval else { return false }
      last = .now
      return true
    }
    if isDue { writeFile(text, .info) }
    guard !quiet else { return }
    if Console.isTerminal, !asJSON { bar.withLock { $0.show(text) } } else if isDue { tell(text, .info) }
  }

  func finish() { bar.withLock { $0.clear() } }

  static func text(_ status: CoordinatorProcess.Status) -> String {
    let left = status.tasksPerSecond > 0 && status.step > 0 ? status.secondsLeft : nil
    let means = status.means
    return "step \(status.step)/\(status.steps), \(String(format: "%.1f", status.tasksPerSecond)) tasks/s, "
      + String(
        format: "kernel loss %.3f, kernel PSNR %.1f -> %.1f dB, ", means.kernelLoss, means.psnrBefore,
        means.psnrAfter)
      + "\(status.workers) workers" + (left.map { ", \(Self.duration($0)) left" } ?? "")
  }

  /// A duration of any length: an estimate may be beyond all numbers.
  static func duration(_ seconds: Double) -> String {
    guard seconds < 1e9 else { return "years" }
    let minutes = Int(seconds / 60)
    return minutes >= 60
      ? "\(minutes / 60) h \(minutes % 60) min" : minutes > 0 ? "\(minutes) min" : "\(Int(seconds)) s"
  }
}
