import Foundation

/// This program as a child.
struct BenchProgram {
  private let process = Process()
  private let command: String

  init(_ arguments: [String]) throws {
    command = arguments[0]
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = arguments
    try process.run()
  }

  var isRunning: Bool { process.isRunning }

  func end() {
    process.terminate()
    process.waitUntilExit()
  }

  /// Waits for its end.
  /// - Throws: where that was no good one.
  func finish() throws {
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw BenchError.failed("`\(command)`")
    }
  }
}
