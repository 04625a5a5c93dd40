import Foundation
import Support
import Testing

/// An address that is none ends a command with 64 and one sentence, before any socket, process or folder is made.
@Suite("Addresses of commands", .tags(.slow))
struct AddressCommandTests {
  @Test(arguments: [
    "nonsense", "tcp://127.0.0.1:99999", "tcp://:5555", "127.0.0.1:5555", "tcp://127.0.0.1:0",
  ])
  func `where to connect`(address: String) throws {
    for command in [
      ["worker", "--coordinator", address], ["stand-in", "--count", "1", "--coordinator", address],
    ] {
      try refused(command, address)
    }
  }

  @Test(arguments: ["nonsense", "tcp://127.0.0.1:99999", "tcp://127.0.0.1", "tcp://[::1:80", "tcp://*:-1"])
  func `where to listen`(address: String) throws {
    let folder = try TemporaryFolder()
    for command in [
      ["train", "--run", folder.file("run").path, "--listen", address],
      ["coordinator", "--run", folder.file("run").path, "--listen", address],
      ["train", "--run", folder.file("run").path, "--serve", address],
      ["serve", "--runs", folder.url.path, "--http", "off", "--listen", address],
      ["estimator", "--listen", address],
    ] {
      try refused(command, address)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == [])
  }

  private func refused(
    _ command: [String], _ address: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try Program.run(command)
    #expect(outcome.code == 64, "\(command)", sourceLocation: sourceLocation)
    #expect(
      outcome.errors.contains("cannot use \"\(address)\" as an address: it is not tcp://HOST:PORT"),
      "\(command): \(outcome.errors)", sourceLocation: sourceLocation)
  }
}
