import Foundation
import Support
import Testing

/// Standard streams that cannot be written to end nothing that goes on without them.
@Suite("Streams that cannot be written", .tags(.slow), .serialized)
struct StreamTests {
  @Test(arguments: [
    "exec \"$@\" >/dev/full 2>/dev/full", "exec \"$@\" <&- >&- 2>&-",
    "set -o pipefail; \"$@\" 2>&1 | head -2",
  ])
  func `a training goes on, and its log file has all lines`(script: String) throws {
    let scenario = try Scenario(steps: 4)
    let train = try scenario.start("train", "--workers", "1", under: Program.shell(script))
    try train.expectEnd(0)
    #expect(try scenario.result() == Undisturbed.result(after: 4))
    for line in ["listening at", "joined with 1 core", "the run has done all its steps"] {
      #expect(scenario.log.contains(line))
    }
    // Closed descriptors would go to the run's own files, and log lines into them.
    let lease = try Data(contentsOf: URL(filePath: scenario.run + "/lease"))
    #expect((try? JSONSerialization.jsonObject(with: lease)) != nil)
    try scenario.expectNoLeftovers()
  }

  @Test(arguments: [["--version"], ["--help"], ["train", "--help"], ["train", "--presets"]])
  func `results that cannot be written end with 73 and one sentence`(arguments: [String]) throws {
    for script in ["exec \"$@\" >/dev/full", "exec \"$@\" >&-"] {
      let run = try Program.run(arguments, under: Program.shell(script))
      #expect(run.code == 73)
      #expect(run.errorLines.count == 1, "\(run.errors)")
      #expect(run.errors.hasPrefix("metakernelgan: cannot write results to standard output: "))
    }
    let both = try Program.run(arguments, under: Program.shell("exec \"$@\" >/dev/full 2>/dev/full"))
    #expect(both.code == 73)
  }

  @Test func `an estimate whose report cannot be written ends with 73`() throws {
    let fixtures = try Fixtures()
    let arguments = [
      "estimate", try fixtures.picture("a.png"), "--checkpoint", fixtures.checkpoint, "--out",
      fixtures.path("out"),
    ]
    #expect(try Program.run(arguments, under: Program.shell("exec \"$@\" >/dev/full")).code == 73)
    #expect(try Program.run(arguments, under: Program.shell("exec \"$@\" 2>/dev/full")).code == 0)
  }

  @Test func `with --json-log every line is a JSON object`() throws {
    let scenario = try Scenario(steps: 1)
    let train = try scenario.start("train", "--workers", "1", "--json-log", "--preset", "paper")
    try train.expectEnd(0)
    for text in [train.errors, scenario.log] {
      let lines = text.split(separator: "\n")
      #expect(lines.count >= 4)
      for line in lines {
        let entry = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
        #expect(Set(entry?.keys.map { $0 } ?? []) == ["time", "level", "message"])
      }
    }
    #expect(scenario.log.contains("settings of the preset paper"))
  }
}
