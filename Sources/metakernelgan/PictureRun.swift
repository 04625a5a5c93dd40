import ArgumentParser
import Foundation
import Platform
import Synchronization

/// How the commands that work on many pictures go about it.
struct RunOptions: ParsableArguments {
  @Option(help: "Pictures worked on at a time, one core each. (default: the number of cores)")
  var jobs: Int?

  @Flag(help: "Print the results on standard output as JSON, one line a picture.")
  var json = false

  @Flag(help: "Print nothing but errors (and JSON, with --json).")
  var quiet = false

  func validate() throws {
    guard (1...1024).contains(jobs ?? 1) else { throw ValidationError("--jobs must be from 1 to 1024.") }
  }
}

/// What is said about one picture's result.
protocol PictureReport: Encodable, Sendable {
  var picture: String { get }
  /// For people: what was found and where it is.
  var summary: String { get }
  var notes: [String] { get }
}

extension PictureReport {
  /// One line, or indented for a file.
  func json(pretty: Bool) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      pretty
      ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

enum PictureOutcome<Report: PictureReport>: Sendable {
  case done(Report)
  /// One sentence that names the picture, and what the command ends with.
  case failed(String, ExitCode)
}

/// The pictures of one call, shared out among threads. What a picture gets does not depend on their number; reports come
/// in the order of the arguments.
final class PictureRun<Report: PictureReport>: Sendable {
  private let pictures: [String]
  private let options: RunOptions
  private let progress: Progress
  private let body: @Sendable (String) throws -> PictureOutcome<Report>

  private struct State {
    var next = 0
    var reported = 0
    /// Finished out of turn.
    var waiting: [Int: PictureOutcome<Report>] = [:]
    var worst: ExitCode?
  }

  private let state = Mutex(State())

  /// - Parameter body: the work on one picture; what it throws is the picture's fault.
  init(
    _ pictures: [String], _ options: RunOptions, _ progress: Progress,
    body: @escaping @Sendable (String) throws -> PictureOutcome<Report>
  ) {
    (self.pictures, self.options, self.progress, self.body) = (pictures, options, progress, body)
  }

  /// - Throws: the exit code of the first picture that failed.
  func run() throws {
    let cores = ProcessorCount.available
    let count = min(options.jobs ?? cores, pictures.count)
    let threads = (1..<count).map { _ in Worker { [self] in work() } }
    work()
    for thread in threads { thread.join() }
    progress.finish()
    if let code = state.withLock({ $0.worst }) { throw code }
  }

  /// Takes pictures until none is left.
  private func work() {
    while let index = state.withLock({ state -> Int? in
      guard state.next < pictures.count else { return nil }
      defer { state.next += 1 }
      return state.next
    }) {
      let name = pictures[index]
      let outcome: PictureOutcome<Report>
      do {
        outcome = try body(name)
      } catch {
        outcome = .failed("\(error)".contains(name) ? "\(error)" : "\(name): \(error)", Exit.data)
      }
      report(outcome, index)
    }
  }

  private func report(_ outcome: PictureOutcome<Report>, _ index: Int) {
    state.withLock { state in
      state.waiting[index] = outcome
      while let next = state.waiting.removeValue(forKey: state.reported) {
        say(next, &state.worst)
        state.reported += 1
      }
    }
  }

  private func say(_ outcome: PictureOutcome<Report>, _ worst: inout ExitCode?) {
    switch outcome {
    case .failed(let reason, let code):
      progress.line("metakernelgan: \(reason)")
      worst = worst ?? code
    case .done(let report):
      for note in options.quiet ? [] : report.notes { progress.line("\(report.picture): \(note)") }
      if options.json {
        // Encoding what was just computed: finite numbers and strings, which cannot fail.
        if let line = try? report.json(pretty: false) { progress.result(line) }
      } else if !options.quiet {
        progress.result(report.summary)
      }
    }
  }
}
