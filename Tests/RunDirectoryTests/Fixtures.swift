import Checkpoints
import Foundation
import Platform
import RunDirectory
import Support
import Testing

/// A run's folder that does not exist yet, removed with this object.
final class TemporaryRun {
  private let place: TemporaryFolder
  let folder: RunFolder

  init() throws {
    place = try TemporaryFolder()
    folder = RunFolder(place.file("run").path)
  }

  func store(_ retention: Retention = Retention()) throws -> CheckpointStore {
    try CheckpointStore(RunLease(folder), retention: retention)
  }
}

/// What `read` refuses.
struct Damage: Error, CustomStringConvertible { let description: String }

/// Some bytes that tell their step and whether they are whole.
func content(_ step: Int, length: Int = 3_000) -> [UInt8] {
  let body = [UInt8](repeating: UInt8(truncatingIfNeeded: step), count: length)
  return body + Array(((try? SHA256.hex(of: body)) ?? "").utf8)
}

/// The bytes of a checkpoint without their hash.
func read(_ path: String) throws -> [UInt8] {
  let bytes = try Array(Data(contentsOf: URL(filePath: path)))
  let body = Array(bytes.dropLast(64))
  guard try Array(SHA256.hex(of: body).utf8) == Array(bytes.suffix(64)) else {
    throw Damage(description: "cut")
  }
  return body
}

func names(_ folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

func put(_ text: String, at path: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

/// Waits for at most ten seconds until `condition` holds.
func eventually(_ condition: () throws -> Bool) rethrows {
  for _ in 0..<2000 {
    if try condition() { return }
    usleep(5000)
  }
  Issue.record("ten seconds were not enough")
}

/// The text of the `RunDirectoryError` that `body` must throw, one line.
func errorText<Result>(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Result
) -> String {
  let error = #expect(throws: RunDirectoryError.self, sourceLocation: sourceLocation) { _ = try body() }
  let text = error?.description ?? ""
  #expect(!text.contains("\n"), sourceLocation: sourceLocation)
  return text
}

/// The program RunHolder on a run's folder.
final class Holder: @unchecked Sendable {  // One thread at a time uses it.
  private let process = Process()
  private let output = Pipe()
  var pid: Int32 { process.processIdentifier }

  init(_ folder: RunFolder) throws {
    process.executableURL = URL(filePath: Program.path).deletingLastPathComponent().appending(
      path: "RunHolder")
    process.arguments = [folder.path]
    process.standardOutput = output
    try process.run()
  }

  deinit { if process.isRunning { _ = kill() } }

  /// Waits until it holds the lease.
  /// - Returns: Its incarnation.
  func incarnation() throws -> UInt64 {
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    return try #require(line.split(separator: "\n").first.flatMap { UInt64($0) }, "it said: \(line)")
  }

  /// SIGKILL.
  /// - Returns: What it had said and nobody had read.
  func kill() -> String {
    _ = Foundation.kill(pid, SIGKILL)
    process.waitUntilExit()
    return String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  }
}
