import Foundation
import Platform
import Synchronization

/// Measures estimates through HTTP against those of the `estimate` command: the same pictures, both with a job a core.
package struct HTTPBench {
  private let folder: BenchFolder
  private let picture: String

  package init(_ folder: BenchFolder) throws {
    self.folder = folder
    picture = try folder.draw("sent.png", width: 510, height: 339)
  }

  /// Estimates a second either way, and the median of their ratio, in pairs one after the other.
  ///
  /// - Parameter port: where a service listens on the loopback address.
  package func measure(
    _ pictures: Int, pairs: Int, port: Int, options: [String], query: String
  ) throws -> (http: Double, command: Double, ratio: Double) {
    var results: [(http: Double, command: Double)] = []
    _ = try throughHTTP(2, port: port, query: query)
    for _ in 0..<pairs {
      let command = try throughCommand(pictures, options)
      results.append(
        (
          Double(pictures) / (try throughHTTP(pictures, port: port, query: query)),
          Double(pictures) / command
        ))
    }
    let median = results.sorted { $0.http / $0.command < $1.http / $1.command }[pairs / 2]
    return (median.http, median.command, median.http / median.command)
  }

  /// Seconds of the command for so many pictures.
  private func throughCommand(_ count: Int, _ options: [String]) throws -> Double {
    let names = try (0..<count).map { number in
      let path = folder.path("sent-\(number).png")
      if !FileManager.default.fileExists(atPath: path) {
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: picture)
      }
      return path
    }
    return try ContinuousClock().measure {
      try BenchProgram(
        ["estimate", "--quiet", "--format", "json", "--out", folder.url.path] + options + names
      ).finish()
    }.seconds
  }

  /// Seconds of so many requests, two at a time for each core, so that none waits for another's journey.
  private func throughHTTP(_ count: Int, port: Int, query: String) throws -> Double {
    let body = try Data(contentsOf: URL(filePath: picture))
    let left = Mutex(count)
    let failures = Mutex(0)
    let time = try ContinuousClock().measure {
      let senders = try (0..<2 * ProcessorCount.available).map { number in
        try NamedThread("sender-\(number)") {
          let connection = BenchConnection(port)
          while left.withLock({ left in
            left -= 1
            return left >= 0
          }) {
            if connection?.post("/api/v1/estimate" + query, body) != true { failures.withLock { $0 += 1 } }
          }
        }
      }
      for sender in senders { sender.join() }
    }
    guard failures.withLock({ $0 }) == 0 else {
      throw BenchError.failed("HTTP requests")
    }
    return time.seconds
  }
}
