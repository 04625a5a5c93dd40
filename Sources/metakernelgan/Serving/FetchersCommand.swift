import ArgumentParser
import Benches
import Foundation
import Platform
import Transport

/// Estimators that only fetch; started by `bench`, not by people.
struct FetchersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "fetchers", shouldDisplay: false)

  @Option var publisher: String
  @Option var sender: String
  @Option var count: Int
  @Option var pairs: Int
  @OptionGroup var security: ClientKeyOptions

  func run() throws {
    FileLimit.raise()
    let bench = try FetchBench(
      publisher: publisher, sender: sender, count: count, security: security.load(as: Role.reader.rawValue))
    let found = try bench.measure(pairs: pairs)
    let how = security.keys == nil ? "at once" : "over CURVE"
    print(
      "serving \("\(count) \(how)".padding(toLength: 22, withPad: " ", startingAt: 0))"
        + String(
          format: "%.0f MB/s, %.0f %% of a plain ZeroMQ copy with SHA-256, ", found.rate / 1e6,
          found.share * 100)
        + (found.wrong == 0 ? "all hashes right" : "\(found.wrong) WRONG"))
    if found.wrong > 0 { throw ExitCode.failure }
  }
}
