import ArgumentParser
import Foundation
import Service

/// How HTTP is served; shared by the commands that do.
struct HTTPOptions: ParsableArguments {
  @Option(
    help: """
      Ask HTTP clients for a token of this file, one a line, 32 characters at least, mode 0600; read again when it changes.
      """, completion: .file())
  var tokenFile: String?

  @Option(
    help: ArgumentHelp(
      "Also answer HTTP requests to this host name, such as a proxy's; repeatable.", valueName: "name"))
  var hostName: [String] = []

  @Option(help: "Append one line a HTTP request to this file.", completion: .file())
  var accessLog: String?

  @Flag(
    help:
      "Listen beyond this machine without a token (HTTP) or keys (ZeroMQ): whoever reaches a port is let in.")
  var insecure = false

  @Option(help: "Largest picture sent over HTTP, and largest result, in megapixels.")
  var maxMegapixels = 25

  @Option(help: "Seconds from a picture's arrival over HTTP to its answer.")
  var maxSeconds = 120

  @Option(help: "Pictures sent over HTTP that wait for their turn; further ones are refused.")
  var maxWaiting = 64

  func validate() throws {
    for (name, value, range) in [
      ("--max-megapixels", maxMegapixels, 1...1000), ("--max-seconds", maxSeconds, 1...86_400),
      ("--max-waiting", maxWaiting, 1...10_000),
    ] where !range.contains(value) {
      throw ValidationError("\(name) must be from \(range.lowerBound) to \(range.upperBound).")
    }
  }

  /// - Parameter jobs: pictures worked on at a time.
  func settings(jobs: Int, log: @escaping @Sendable (String) -> Void) -> HTTPSettings {
    var limits = Limits(jobs: jobs)
    (limits.work, limits.waiting) = (maxSeconds, maxWaiting)
    limits.ordersOfOneClient = jobs + max(maxWaiting * 3 / 4, 1)
    var settings = HTTPSettings(limits)
    (settings.hostNames, settings.tokenFile) = (hostName, tokenFile)
    (settings.isOpenToAll, settings.accessLog) = (insecure, accessLog)
    settings.log = log
    return settings
  }
}
