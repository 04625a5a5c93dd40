import ArgumentParser
import Foundation
import Platform
import Restoration

/// The pictures of one call, shared out among threads. What a picture gets does not depend on their number; reports come
/// in the order of the arguments.
///
/// SIGINT, SIGTERM and SIGHUP end the process between pictures: results that are being written are finished, nothing
/// else is begun, and one line says how many pictures are done.
final class PictureRun<Report: PictureReport>: Sendable {
  /// Writes a picture's results. What it throws is the fault of the place that they go to.
  typealias Writing = () throws -> Report

  private enum Outcome {
    case done(Report)
    /// One sentence that names the picture, and what the command ends with.
    case failed(String, ExitCode)
  }

  private struct State {
    var next = 0
    var reported = 0
    /// Finished out of turn.
    var waiting: [Int: Outcome] = [:]
    var worst: ExitCode?
    /// Pictures whose results are being written, and are written.
    var writing = 0, written = 0
    /// Whether nothing may be written any more, since the process is about to end.
    var isClosed = false
  }

  private let pictures: [ListedPicture]
  private let options: RunOptions
  private let progress: Progress
  private let body: @Sendable (ListedPicture) throws -> Writing
  private let state = Monitor(State())

  /// - Parameter body: the work on one picture, its encoding included; what it throws is the picture's fault. It returns what
  ///   writes the results, which an interrupt waits for.
  init(
    _ pictures: [ListedPicture], _ options: RunOptions, showing progress: Progress,
    body: @escaping @Sendable (ListedPicture) throws -> Writing
  ) {
    (self.pictures, self.options, self.progress, self.body) = (pictures, options, progress, body)
  }

  /// - Throws: the exit code of the first picture that failed.
  func run() throws {
    let signals = Signals(ending: { [self] in end(by: $0) })
    let threads = (1..<max(min(options.work.count, pictures.count), 1)).compactMap { number in
      do { return try NamedThread("picture-\(number)") { [self] in work() } } catch {
        // The others do its work.
        progress.line("metakernelgan: \(error)")
        return nil
      }
    }
    work()
    for thread in threads { thread.join() }
    // Where a signal came last, the process ends here.
    _ = state.wait { $0.isClosed ? nil : true }
    signals.stop()
    progress.finish()
    if let code = state.update({ $0.worst }) { throw code }
  }

  /// Takes pictures until none is left.
  private func work() {
    while let index = state.update({ state -> Int? in
      guard state.next < pictures.count, !state.isClosed else { return nil }
      defer { state.next += 1 }
      return state.next
    }) {
      report(outcome(of: pictures[index]), index)
    }
  }

  private func outcome(of picture: ListedPicture) -> Outcome {
    let writing: Writing
    do { writing = try body(picture) } catch {
      return .failed(sentence(error, picture), Self.code(of: error))
    }
    // For ever, once the process is about to end.
    _ = state.wait { state -> Bool? in
      if state.isClosed { return nil }
      state.writing += 1
      return true
    }
    let result = Result(catching: writing)
    state.update { state in
      state.writing -= 1
      if case .success = result { state.written += 1 }
    }
    switch result {
    case .success(let report): return .done(report)
    case .failure(let error): return .failed(sentence(error, picture), Exit.cannotCreate)
    }
  }

  /// A result that its format cannot hold is no fault of the picture's.
  private static func code(of error: any Error) -> ExitCode {
    if case PictureError.notEncoded = error { Exit.cannotCreate } else { Exit.data }
  }

  private func sentence(_ error: any Error, _ picture: ListedPicture) -> String {
    let text = FileName.shown("\(error)")
    return text.contains(FileName.shown(picture.path)) ? text : "\(picture.shown): \(text)"
  }

  private func report(_ outcome: Outcome, _ index: Int) {
    state.update { state in
      state.waiting[index] = outcome
      while let next = state.waiting.removeValue(forKey: state.reported) {
        say(next, &state.worst)
        state.reported += 1
      }
    }
  }

  private func say(_ outcome: Outcome, _ worst: inout ExitCode?) {
    switch outcome {
    case .failed(let reason, let code):
      progress.line("metakernelgan: \(reason)")
      worst = worst ?? code
    case .done(let report):
      for note in options.quiet ? [] : report.notes {
        progress.line("\(FileName.shown(report.picture)): \(note)")
      }
      if options.json {
        // Encoding what was just computed: finite numbers and strings, which cannot fail.
        if let line = try? report.json(pretty: false) { progress.result(line) }
      } else if !options.quiet {
        progress.result(report.summary)
      }
    }
  }

  /// Ends the process with 128 + `signal`, as shells count.
  private func end(by signal: Int32) {
    state.update { $0.isClosed = true }
    _ = state.wait { $0.writing == 0 ? true : nil }
    state.update { state in
      // Reported out of turn, since the pictures before them will never be.
      for (_, outcome) in state.waiting.sorted(by: { $0.key < $1.key }) { say(outcome, &state.worst) }
      state.waiting = [:]
      progress.finish()
      Console.complain(
        "interrupted; \(state.written) of \(pictures.count) pictures are finished, and nothing of the others is "
          + "left behind")
    }
    _exit(128 + signal)
  }
}
