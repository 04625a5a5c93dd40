import ArgumentParser
import Benches
import Foundation
import Platform

/// Estimators that only fetch; started by `bench`, not by people.
struct FetchersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "fetchers", shouldDisplay: false)

  @Option var publisher: String
  @Option var sender: String
  @Option var count: Int
  @Option var pairs: Int

  func run() throws {
    FileLimit.raise()
    let found = try FetchBench(publisher: publisher, sender: sender, count: count).measure(pairs: pairs)
    print(
      "serving \("\(count) at once".padding(toLength: 22, withPad: " ", startingAt: 0))"
        + String(
          format: "%.0f MB/s, %.0f %% of a plain ZeroMQ copy with SHA-256, ", found.rate / 1e6,
          found.share * 100)
        + (found.wrong == 0 ? "all hashes right" : "\(found.wrong) WRONG"))
    if found.wrong > 0 { throw ExitCode.failure }
  }
}
