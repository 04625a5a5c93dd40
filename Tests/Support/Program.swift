import Foundation

/// The built command-line program, as a user runs it.
public enum Program {
  public struct Outcome: Sendable {
    public let code: Ending
    public let output: String, errors: String

    public var errorLines: [String] { errors.split(separator: "\n").map(String.init) }
  }

  /// Beside the running test bundle.
  public static let path = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "metakernelgan").path

  /// Runs it to its end, standard input closed.
  /// - Parameter emulator: a command that runs the one that follows it.
  public static func run(
    _ arguments: [String], environment: [String: String] = [:], under emulator: [String] = [],
    at path: String = Program.path
  ) throws -> Outcome {
    let folder = try TemporaryFolder()
    let (out, err) = (folder.file("out"), folder.file("err"))
    for url in [out, err] { try Data().write(to: url) }
    let process = Process()
    let line = emulator + [path] + arguments
    process.executableURL = URL(filePath: line[0])
    process.arguments = Array(line.dropFirst())
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: out)
    process.standardError = try FileHandle(forWritingTo: err)
    try process.run()
    process.waitUntilExit()
    let output = String(decoding: try Data(contentsOf: out), as: UTF8.self)
    let errors = String(decoding: try Data(contentsOf: err), as: UTF8.self)
    return Outcome(
      code: Ending(process, output: output, errors: errors), output: output, errors: errors)
  }

  /// The arguments of `run(under:)` with which a shell runs it: `script` holds "$@" where the program is to be.
  public static func shell(_ script: String) -> [String] { ["/bin/bash", "-c", script, "shell"] }
}
