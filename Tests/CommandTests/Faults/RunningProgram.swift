import Foundation
import Support
import Testing

/// A thing waited for that did not come about.
struct Hung: Error, CustomStringConvertible {
  let what: String
  let log: String
  var description: String { "waited in vain for \(what); standard error so far:\n\(log)" }
}

/// Waits until `condition` holds. The deadline only ends a test that hangs: nothing that works takes so long, however
/// busy the machine.
func wait(for what: String, log: @autoclosure () -> String = "", _ condition: () throws -> Bool) throws {
  let deadline = ContinuousClock.now + .seconds(240)
  while try !condition() {
    guard ContinuousClock.now < deadline else { throw Hung(what: what, log: log()) }
    usleep(20_000)
  }
}

/// The command-line program while it runs. Killed with the object.
final class RunningProgram {
  private let process = Process()
  private let errorFile: URL, outputFile: URL

  /// - Parameter emulator: a command that runs the one that follows it.
  init(
    _ arguments: [String], environment: [String: String], errors: URL, under emulator: [String] = []
  ) throws {
    errorFile = errors
    outputFile = errors.appendingPathExtension("output")
    for file in [errorFile, outputFile] { try Data().write(to: file) }
    let line = emulator + [Program.path] + arguments
    process.executableURL = URL(filePath: line[0])
    process.arguments = Array(line.dropFirst())
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: outputFile)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
  }

  deinit { if process.isRunning { kill(SIGKILL) } }

  var isRunning: Bool { process.isRunning }
  var identifier: Int32 { process.processIdentifier }
  var errors: String { (try? String(contentsOf: errorFile, encoding: .utf8)) ?? "" }
  var output: String { (try? String(contentsOf: outputFile, encoding: .utf8)) ?? "" }

  /// Processor time that it has used, in hundredths of a second (proc(5): fields 14 and 15 of stat).
  var processorTime: Int {
    let stat = (try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8)) ?? ""
    let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
    return fields.count > 13 ? (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) : 0
  }

  /// Memory that it has resident, in megabytes.
  func residentMegabytes() throws -> Double {
    let status = try String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
    return try #require(line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) })
      / 1024
  }

  func kill(_ signal: Int32) { Foundation.kill(process.processIdentifier, signal) }

  /// Waits for its end.
  func end() throws -> Ending {
    try wait(for: "its end", log: errors) { !process.isRunning }
    return Ending(process, output: output, errors: errors)
  }

  /// Waits for its end, which is to be this one; another is shown with all that the program said last.
  func expectEnd(_ expected: Ending, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let ending = try end()
    #expect(ending == expected, "\(ending)", sourceLocation: sourceLocation)
  }

  /// Until it has said `text` so often on standard error.
  func waitForError(_ text: String, count: Int = 1) throws {
    try wait(for: "\"\(text)\"", log: errors) {
      let isOver = !process.isRunning
      if errors.components(separatedBy: text).count > count { return true }
      if isOver { throw Hung(what: "\"\(text)\" from a program that has ended", log: errors) }
      return false
    }
  }
}

/// Processes found by a variable in their environment, which children inherit: none that is ours can hide, and none
/// that is not ours is touched.
enum MarkedProcess {
  static let variable = "METAKERNELGAN_TEST"

  struct Found {
    let identifier: Int32
    let arguments: [String]
  }

  /// All that live, zombies excepted.
  static func all(_ mark: String) -> [Found] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { Int32($0) }.sorted().compactMap { identifier in
      guard strings("/proc/\(identifier)/environ").contains("\(variable)=\(mark)") else { return nil }
      return Found(identifier: identifier, arguments: strings("/proc/\(identifier)/cmdline"))
    }
  }

  private static func strings(_ path: String) -> [String] {
    guard let bytes = try? Data(contentsOf: URL(filePath: path)) else { return [] }
    return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }
}
